import { Connection } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/admin/webhooks', name: 'webhooks', component: () => import('./WebhooksPage.vue'), meta: { roles: ['administrator'], nav: { label: 'webhooks.title', group: 'admin', icon: Connection, order: 32 } } },
]
