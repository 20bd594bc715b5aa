import { List } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/admin/jobs', name: 'jobs', component: () => import('./JobsPage.vue'), meta: { roles: ['administrator'], nav: { label: 'jobs.title', group: 'admin', icon: List, order: 40 } } },
]
