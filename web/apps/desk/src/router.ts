/** Routes come from `features/<name>/routes.ts`; this file only guards them. */
import { createRouter, createWebHistory, type Router, type RouteRecordRaw } from 'vue-router'
import { useAuth } from './features/auth/store'
import { whenSignedOut } from './shared/api'
import './shared/route-meta'
import { homeOf } from './shell/nav'

const modules = import.meta.glob<{ routes: RouteRecordRaw[] }>('./features/*/routes.ts', { eager: true })

export function createDeskRouter(): Router {
  const router = createRouter({
    history: createWebHistory('/desk/'),
    routes: [
      ...Object.values(modules).flatMap((module) => module.routes),
      { path: '/', name: 'home', component: () => import('./shell/HomePage.vue') },
      { path: '/:rest(.*)*', name: 'not_found', component: () => import('./shell/NotFoundPage.vue') },
    ],
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  })

  router.beforeEach(async (to) => {
    const auth = useAuth()
    if (to.meta.isPublic) return true
    if (!(await auth.ensure())) return { name: 'sign_in', query: to.path === '/' ? {} : { next: to.fullPath } }
    if (auth.me?.must_change_password && to.name !== 'account') return { name: 'account' }
    if (to.name === 'home') return homeOf(router, auth.roles) ?? true
    if (to.meta.roles && !auth.hasAny(to.meta.roles)) return { name: 'denied', query: { from: to.path } }
    return true
  })

  whenSignedOut(() => {
    const auth = useAuth()
    auth.forget()
    const here = router.currentRoute.value
    if (!here.meta.isPublic && here.matched.length > 0) void router.push({ name: 'sign_in', query: { next: here.fullPath } })
  })
  return router
}
