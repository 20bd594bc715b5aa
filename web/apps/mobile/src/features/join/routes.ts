import type { RouteLocationNormalized, RouteRecordRaw } from 'vue-router'
import { useJoin } from './store'

/** A step is open only after the one before it. */
const after = (test: (saved: ReturnType<typeof useJoin>['saved']) => unknown) => (): true | string => {
  const join = useJoin()
  return test(join.saved) ? true : join.nextPath()
}

const codeOf = (to: RouteLocationNormalized): string => String(to.params.code ?? to.query.code ?? '').replace(/\D/g, '').slice(0, 6)

export const routes: RouteRecordRaw[] = [
  { path: '/', component: () => import('./CodePage.vue'), props: (to) => ({ given: codeOf(to) }) },
  { path: '/join', component: () => import('./CodePage.vue'), props: (to) => ({ given: codeOf(to) }) },
  { path: '/j/:code', component: () => import('./CodePage.vue'), props: (to) => ({ given: codeOf(to) }) },
  { path: '/phone', component: () => import('./PhoneCodePage.vue'), beforeEnter: after((saved) => saved.info) },
  { path: '/roles', component: () => import('./RolesPage.vue'), beforeEnter: after((saved) => saved.verified) },
  { path: '/consents', component: () => import('./ConsentsPage.vue'), beforeEnter: after((saved) => saved.seat && !saved.hasConsented) },
  { path: '/declined', component: () => import('./DeclinedPage.vue') },
]
