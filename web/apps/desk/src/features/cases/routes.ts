import { Files } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'
import type { StaffRole } from '../../shared/route-meta'

const roles: StaffRole[] = ['agent', 'administrator']

export const routes: RouteRecordRaw[] = [
  {
    path: '/cases', name: 'cases', component: () => import('./CaseListPage.vue'),
    meta: { roles, nav: { label: 'cases.title', others: { but: 'agent', label: 'cases.title_all' }, group: 'work', icon: Files, order: 10 } },
  },
  { path: '/cases/new', name: 'case_new', component: () => import('./NewCasePage.vue'), meta: { roles: ['agent'], title: 'cases.new' } },
  { path: '/cases/:case_id', name: 'case', component: () => import('./CasePage.vue'), props: (route) => ({ caseId: route.params.case_id }), meta: { title: 'cases.one' } },
]
