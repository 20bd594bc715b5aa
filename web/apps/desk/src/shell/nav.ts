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
    .map((route) => ({ ...(route.meta.nav as NavEntry), label: labelOf(route.meta.nav as NavEntry, roles), name: String(route.name) }))
    .sort((a, b) => a.order - b.order)
  return GROUPS.map((group) => ({ group, links: links.filter((link) => link.group === group) })).filter((part) => part.links.length > 0)
}

/** What a page is called for somebody: an administrator's list of cases is not "mine". */
export function labelOf(entry: NavEntry, roles: StaffRole[]): string {
  return entry.others && !roles.includes(entry.others.but) ? entry.others.label : entry.label
}

const HOMES: [StaffRole, string][] = [
  ['agent', 'cases'],
  ['inspector', 'inspections'],
  ['callback_operator', 'callbacks'],
  ['administrator', 'overview'],
  ['compliance', 'inspections'],
]

/** Where a person starts: the page of their daily work; else the first page they may open. */
export function homeOf(router: Router, roles: StaffRole[]): { name: string } | null {
  const daily = HOMES.find(([role, page]) => roles.includes(role) && router.hasRoute(page))
  if (daily) return { name: daily[1] }
  const link = linksFor(router, roles)[0]?.links[0]
  return link ? { name: link.name } : null
}
