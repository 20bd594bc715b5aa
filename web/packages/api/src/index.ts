/** Typed access to the service: the client, problems, and the wire types generated from OpenAPI. */
export { ApiClient, type ClientOptions } from './client'
export { ApiProblem, OFFLINE, TIMED_OUT, toProblem, UNEXPECTED } from './problem'
export type { components, paths } from './schema'

import type { components } from './schema'

/** A wire type by its name: `Schema<'CaseView'>`. */
export type Schema<N extends keyof components['schemas']> = components['schemas'][N]
