/** Routes of all features; a feature is found by its `routes.ts`. */
import { createRouter, createWebHistory, type Router, type RouteRecordRaw } from 'vue-router'

const modules = import.meta.glob<{ routes: RouteRecordRaw[] }>('./features/*/routes.ts', { eager: true })

export function createPhoneRouter(): Router {
  const router = createRouter({
    history: createWebHistory('/m/'),
    routes: [
      ...Object.values(modules).flatMap((module) => module.routes),
      { path: '/:rest(.*)*', component: () => import('./shared/NotFoundPage.vue') },
    ],
    scrollBehavior: (to, from) => (to.path === from.path ? false : { top: 0 }),
  })
  // A page built before the last release asks for files that are gone: load the new release instead.
  router.onError((error, to) => {
    if (/dynamically imported module|Importing a module script failed/.test(String(error))) window.location.assign(`/m${to.fullPath}`)
  })
  return router
}
