import type { RouteRecordRaw } from 'vue-router'
import { useJoin } from '../join/store'

export const routes: RouteRecordRaw[] = [
  {
    path: '/devices',
    component: () => import('./DeviceCheckPage.vue'),
    beforeEnter: () => {
      const join = useJoin()
      return join.saved.seat && join.saved.hasConsented ? true : join.nextPath()
    },
  },
]
