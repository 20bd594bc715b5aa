import { Calendar, DataAnalysis, Document, PhoneFilled, Service, Setting, WarnTriangleFilled } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'
import type { StaffRole } from '../../shared/route-meta'

const roles: StaffRole[] = ['callback_operator', 'inspector', 'compliance', 'administrator']

const service: StaffRole[] = ['callback_operator', 'compliance', 'administrator']

export const routes: RouteRecordRaw[] = [
  {
    path: '/callbacks', name: 'callbacks', component: () => import('./CallbacksPage.vue'),
    meta: { roles, nav: { label: 'callbacks.title', group: 'review', icon: PhoneFilled, order: 20 } },
  },
  {
    path: '/service-calls', name: 'service_calls', component: () => import('./ServiceCallsPage.vue'),
    meta: { roles: service, nav: { label: 'callbacks.service.title', group: 'review', icon: Service, order: 22 } },
  },
  { path: '/service-calls/:call_id', name: 'service_call', component: () => import('./ServiceCallPage.vue'), props: (route) => ({ callId: route.params.call_id }), meta: { roles: service, title: 'callbacks.service.one' } },
  { path: '/callback-numbers', name: 'callback_numbers', component: () => import('./NumbersPage.vue'), meta: { roles: service, title: 'callbacks.service.tab.callback_numbers' } },
  { path: '/phone-warnings', name: 'phone_warnings', component: () => import('./PhoneWarningsPage.vue'), meta: { roles: service, title: 'callbacks.service.tab.phone_warnings' } },
  {
    path: '/callback-reports', name: 'callback_reports', component: () => import('./ReportsPage.vue'),
    meta: { roles: service, nav: { label: 'callbacks.reports.title', group: 'review', icon: WarnTriangleFilled, order: 24 } },
  },
  {
    path: '/callback-samples', name: 'callback_samples', component: () => import('./SamplesPage.vue'),
    meta: { roles: ['inspector', 'compliance', 'callback_operator'], nav: { label: 'callbacks.samples.title', group: 'review', icon: Document, order: 26 } },
  },
  {
    path: '/callback-statistics', name: 'callback_statistics', component: () => import('./StatisticsPage.vue'),
    meta: { roles: ['callback_operator', 'compliance', 'administrator'], nav: { label: 'callbacks.statistics.title', group: 'review', icon: DataAnalysis, order: 30 } },
  },
  {
    path: '/callback-rules', name: 'callback_rules', component: () => import('./RulesPage.vue'),
    meta: { roles: ['administrator'], nav: { label: 'callbacks.rules.title', group: 'admin', icon: Setting, order: 25 } },
  },
  {
    path: '/workday-calendar', name: 'workday_calendar', component: () => import('./CalendarPage.vue'),
    meta: { roles: ['administrator'], nav: { label: 'callbacks.calendar.title', group: 'admin', icon: Calendar, order: 27 } },
  },
  { path: '/callbacks/:callback_id', name: 'callback', component: () => import('./CallbackPage.vue'), props: (route) => ({ callbackId: route.params.callback_id }), meta: { roles, title: 'callbacks.one' } },
]
