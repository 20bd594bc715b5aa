import { HomeFilled } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/overview', name: 'overview', component: () => import('./OverviewPage.vue'), meta: { roles: ['administrator'], nav: { label: 'overview.title', group: 'work', icon: HomeFilled, order: 5 } } },
]
