import { ApiProblem } from '@dr/api'
import { flushPromises, mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { useList } from '../src/shared/useList'
import { useLoad } from '../src/shared/useLoad'
import { homeOf, linksFor } from '../src/shell/nav'

/** Runs a composable inside a component and hands out what it returned. */
function inside<T>(setup: () => T, plugins: unknown[] = []) {
  let result!: T
  const wrapper = mount(defineComponent({ setup: () => ((result = setup()), () => h('i')) }), { global: { plugins: plugins as never[] } })
  return { result, wrapper }
}

const offline = () => new ApiProblem({ status: 0, code: 'OFFLINE', retryable: true, params: {} })

describe('useLoad', () => {
  it('keeps the newest answer, whatever order they come in', async () => {
    const waiting: ((value: string) => void)[] = []
    const { result } = inside(() => useLoad<string>(() => new Promise((resolve) => waiting.push(resolve))))
    const second = result.reload()
    waiting[1]?.('new')
    await second
    waiting[0]?.('old')
    await flushPromises()
    expect(result.data.value).toBe('new')
    expect(result.isLoading.value).toBe(false)
  })

  it('tells a failure, and a quiet failure keeps what is shown', async () => {
    const answers: (() => Promise<string>)[] = [async () => 'shown', () => Promise.reject(offline()), () => Promise.reject(offline())]
    const { result } = inside(() => useLoad<string>(() => answers.shift()!()))
    await flushPromises()
    await result.reload({ quiet: true })
    expect(result.data.value).toBe('shown')
    expect(result.problem.value).toBeNull()
    await result.reload()
    expect(result.problem.value?.code).toBe('OFFLINE')
  })

  it('aborts when the page is left', async () => {
    let signal: AbortSignal | undefined
    const { wrapper } = inside(() => useLoad<string>((given) => ((signal = given), new Promise(() => {}))))
    wrapper.unmount()
    expect(signal?.aborted).toBe(true)
  })
})

describe('useList', () => {
  it('starts from the address', async () => {
    const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/cases', component: { render: () => null } }] })
    await router.push('/cases?group=ready&page=3')
    const asked: unknown[] = []
    const { result } = inside(() => useList({ q: '', group: 'all' }, async (filters, page) => void asked.push({ ...filters, page })), [router])
    await flushPromises()
    expect(asked).toEqual([{ q: '', group: 'ready', page: 3 }])
    expect(result.isFiltered()).toBe(true)
    result.reset()
    expect(result.isFiltered()).toBe(false)
  })
})

describe('navigation', () => {
  const icon = { render: () => null }
  const page = { render: () => null }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/admin', name: 'admin', component: page, meta: { roles: ['administrator'], nav: { label: 'a', group: 'admin', icon, order: 1 } } },
      { path: '/cases', name: 'cases', component: page, meta: { roles: ['agent'], nav: { label: 'c', group: 'work', icon, order: 20 } } },
      { path: '/devices', name: 'devices', component: page, meta: { nav: { label: 'd', group: 'work', icon, order: 30 } } },
      { path: '/hidden', name: 'hidden', component: page },
    ],
  })

  it('shows a role its own pages, in order', () => {
    expect(linksFor(router, ['agent']).map((part) => [part.group, part.links.map((link) => link.name)])).toEqual([['work', ['cases', 'devices']]])
    expect(linksFor(router, ['administrator']).map((part) => part.group)).toEqual(['work', 'admin'])
  })
  it('starts people at their first page', () => expect(homeOf(router, ['agent'])).toEqual({ name: 'cases' }))
})
