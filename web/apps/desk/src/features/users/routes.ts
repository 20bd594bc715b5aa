import { User } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/admin/users', name: 'users', component: () => import('./UsersPage.vue'), meta: { roles: ['administrator'], nav: { label: 'users.title', group: 'admin', icon: User, order: 10 } } },
]
