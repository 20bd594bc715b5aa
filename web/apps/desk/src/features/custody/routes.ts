import { Box, DeleteFilled } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'
import type { StaffRole } from '../../shared/route-meta'

const roles: StaffRole[] = ['compliance', 'administrator']

export const routes: RouteRecordRaw[] = [
  { path: '/custody', name: 'custody', component: () => import('./CustodyPage.vue'), meta: { roles, nav: { label: 'custody.title', group: 'admin', icon: Box, order: 50 } } },
  { path: '/disposals', name: 'disposals', component: () => import('./DisposalsPage.vue'), meta: { roles, nav: { label: 'custody.disposal.title', group: 'admin', icon: DeleteFilled, order: 55 } } },
  { path: '/disposals/:disposal_id', name: 'disposal', component: () => import('./DisposalPage.vue'), props: (route) => ({ disposalId: route.params.disposal_id }), meta: { roles, title: 'custody.disposal.one' } },
]
