import { Notebook } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/admin/audits', name: 'audits', component: () => import('./AuditsPage.vue'), meta: { roles: ['administrator', 'compliance'], nav: { label: 'audits.title', group: 'admin', icon: Notebook, order: 50 } } },
]
