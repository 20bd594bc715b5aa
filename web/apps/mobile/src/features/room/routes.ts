import type { RouteRecordRaw } from 'vue-router'
import { useJoin } from '../join/store'

export const routes: RouteRecordRaw[] = [
  {
    path: '/room/:sessionId',
    component: () => import('./RoomPage.vue'),
    props: true,
    beforeEnter: (to) => {
      const join = useJoin()
      if (!join.saved.seat || !join.saved.hasConsented) return join.nextPath()
      return join.saved.seat.session_id === to.params.sessionId ? true : `/room/${join.saved.seat.session_id}`
    },
  },
]
