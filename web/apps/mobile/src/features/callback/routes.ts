import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [{ path: '/c', component: () => import('./CallbackPage.vue') }]
