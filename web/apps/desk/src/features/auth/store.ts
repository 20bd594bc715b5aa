/** Who is signed in. The session itself is an HttpOnly cookie that the page never sees. */
import { type Schema, toProblem } from '@dr/api'
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { StaffRole } from '../../shared/route-meta'
import * as calls from './api'

export const useAuth = defineStore('auth', () => {
  const me = shallowRef<Schema<'Me'> | null>(null)
  const isKnown = ref(false)
  const roles = computed<StaffRole[]>(() => me.value?.roles ?? [])

  /** True when somebody is signed in; asks the server once. Being offline is not being signed out. */
  async function ensure(): Promise<boolean> {
    if (isKnown.value) return me.value !== null
    try {
      me.value = await calls.fetchMe()
      isKnown.value = true
    } catch (error) {
      if (toProblem(error).status === 401) isKnown.value = true
      me.value = null
    }
    return me.value !== null
  }

  async function signIn(body: Schema<'SignIn'>): Promise<void> {
    me.value = await calls.signIn(body)
    isKnown.value = true
  }

  async function signOut(): Promise<void> {
    try {
      await calls.signOut()
    } finally {
      forget()
    }
  }

  async function refresh(): Promise<void> {
    me.value = await calls.fetchMe()
  }

  function forget(): void {
    me.value = null
    isKnown.value = true
  }

  function hasAny(wanted: StaffRole[]): boolean {
    return wanted.length === 0 || wanted.some((role) => roles.value.includes(role))
  }

  return { me, roles, ensure, signIn, signOut, refresh, forget, hasAny }
})
