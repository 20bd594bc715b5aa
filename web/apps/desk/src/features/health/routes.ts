import { Odometer } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/admin/health', name: 'health', component: () => import('./HealthPage.vue'), meta: { roles: ['administrator', 'compliance'], nav: { label: 'health.title', group: 'admin', icon: Odometer, order: 60 } } },
]
