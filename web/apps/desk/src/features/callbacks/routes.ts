import { DataAnalysis, PhoneFilled, Setting } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'
import type { StaffRole } from '../../shared/route-meta'

const roles: StaffRole[] = ['callback_operator', 'inspector', 'compliance', 'administrator']

export const routes: RouteRecordRaw[] = [
  {
    path: '/callbacks', name: 'callbacks', component: () => import('./CallbacksPage.vue'),
    meta: { roles, nav: { label: 'callbacks.title', group: 'review', icon: PhoneFilled, order: 20 } },
  },
  {
    path: '/callback-statistics', name: 'callback_statistics', component: () => import('./StatisticsPage.vue'),
    meta: { roles: ['callback_operator', 'compliance', 'administrator'], nav: { label: 'callbacks.statistics.title', group: 'review', icon: DataAnalysis, order: 30 } },
  },
  {
    path: '/callback-rules', name: 'callback_rules', component: () => import('./RulesPage.vue'),
    meta: { roles: ['administrator'], nav: { label: 'callbacks.rules.title', group: 'admin', icon: Setting, order: 25 } },
  },
  { path: '/callbacks/:callback_id', name: 'callback', component: () => import('./CallbackPage.vue'), props: (route) => ({ callbackId: route.params.callback_id }), meta: { roles, title: 'callbacks.one' } },
]
