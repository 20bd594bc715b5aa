import { Document } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/admin/scripts', name: 'scripts', component: () => import('./ScriptsPage.vue'), meta: { roles: ['administrator', 'compliance'], nav: { label: 'scripts.title', group: 'admin', icon: Document, order: 20 } } },
  {
    path: '/admin/scripts/:key/:version', name: 'script', component: () => import('./ScriptPage.vue'),
    props: (route) => ({ scriptKey: String(route.params.key), version: Number(route.params.version) }), meta: { roles: ['administrator', 'compliance'], title: 'scripts.title' },
  },
]
