import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/sessions/:session_id/prepare', name: 'prepare', component: () => import('./PreparePage.vue'),
    props: (route) => ({ sessionId: route.params.session_id }), meta: { roles: ['agent'], isBare: true, title: 'room.prepare' },
  },
  {
    path: '/sessions/:session_id/room', name: 'room', component: () => import('./RoomPage.vue'),
    props: (route) => ({ sessionId: route.params.session_id }), meta: { roles: ['agent'], isBare: true, title: 'room.title' },
  },
]
