import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/sign-in', name: 'sign_in', component: () => import('./SignInPage.vue'), meta: { isBare: true, isPublic: true, title: 'auth.sign_in' } },
  { path: '/register', name: 'register', component: () => import('./RegisterPage.vue'), meta: { isBare: true, isPublic: true, title: 'auth.register' } },
  { path: '/denied', name: 'denied', component: () => import('./DeniedPage.vue') },
]
