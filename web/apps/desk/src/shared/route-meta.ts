/** What a desk route says about itself; README.md explains the fields. */
import type { Component } from 'vue'
import type { Schema } from '@dr/api'

export type StaffRole = Schema<'Role'>
export type NavGroup = 'work' | 'review' | 'admin'

export interface NavEntry {
  /** An i18n key. */
  label: string
  /** Another key for people without this role. */
  others?: { but: StaffRole; label: string }
  group: NavGroup
  icon: Component
  order: number
}

declare module 'vue-router' {
  interface RouteMeta {
    /** Who may open the page; absent = every member of staff. */
    roles?: StaffRole[]
    nav?: NavEntry
    /** Shown without the shell. */
    isBare?: boolean
    /** Open without being signed in. */
    isPublic?: boolean
    /** An i18n key of the window's title. */
    title?: string
  }
}
