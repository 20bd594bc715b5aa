import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [{ path: '/entry', component: () => import('./EntryPage.vue') }]
