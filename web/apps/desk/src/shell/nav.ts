/** The navigation, derived from the routes and the roles of who is signed in. */
import type { Router } from 'vue-router'
import type { NavEntry, NavGroup, StaffRole } from '../shared/route-meta'

export interface NavLink extends NavEntry {
  name: string
}

const GROUPS: NavGroup[] = ['work', 'review', 'admin']

export function linksFor(router: Router, roles: StaffRole[]): { group: NavGroup; links: NavLink[] }[] {
  const links = router
    .getRoutes()
    .filter((route) => route.meta.nav && (!route.meta.roles || route.meta.roles.some((role) => roles.includes(role))))
    .map((route) => ({ ...(route.meta.nav as NavEntry), name: String(route.name) }))
    .sort((a, b) => a.order - b.order)
  return GROUPS.map((group) => ({ group, links: links.filter((link) => link.group === group) })).filter((part) => part.links.length > 0)
}

/** Where a person starts: the first page of the first group. */
export function homeOf(router: Router, roles: StaffRole[]): { name: string } | null {
  const link = linksFor(router, roles)[0]?.links[0]
  return link ? { name: link.name } : null
}
