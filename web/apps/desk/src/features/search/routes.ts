import { Search } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'
import type { StaffRole } from '../../shared/route-meta'

const roles: StaffRole[] = ['agent', 'inspector', 'callback_operator', 'compliance', 'administrator']

export const routes: RouteRecordRaw[] = [
  {
    path: '/search', name: 'search', component: () => import('./SearchPage.vue'),
    meta: { roles, nav: { label: 'search.title', group: 'work', icon: Search, order: 90 } },
  },
]
