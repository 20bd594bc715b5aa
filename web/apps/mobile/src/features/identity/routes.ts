import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [{ path: '/identity', component: () => import('./IdentityPage.vue') }]
