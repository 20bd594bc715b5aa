import { Checked, TrendCharts } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'
import type { StaffRole } from '../../shared/route-meta'

const roles: StaffRole[] = ['inspector', 'compliance', 'administrator']

export const routes: RouteRecordRaw[] = [
  {
    path: '/inspections', name: 'inspections', component: () => import('./QueuePage.vue'),
    meta: { roles, nav: { label: 'inspections.title', group: 'review', icon: Checked, order: 10 } },
  },
  {
    path: '/inspection-statistics', name: 'inspection_statistics', component: () => import('./StatisticsPage.vue'),
    meta: { roles, nav: { label: 'inspections.statistics.title', group: 'review', icon: TrendCharts, order: 12 } },
  },
  {
    path: '/inspections/:inspection_id', name: 'inspection', component: () => import('./ReviewPage.vue'),
    props: (route) => ({ inspectionId: route.params.inspection_id }), meta: { roles, isBare: true, title: 'inspections.review' },
  },
]
