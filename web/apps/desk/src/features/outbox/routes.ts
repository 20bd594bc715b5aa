import { Message } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/admin/outbox', name: 'outbox', component: () => import('./OutboxPage.vue'), meta: { roles: ['administrator'], nav: { label: 'outbox.title', group: 'admin', icon: Message, order: 30 } } },
]
