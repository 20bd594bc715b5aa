import { Monitor } from '@element-plus/icons-vue'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/devices', name: 'devices', component: () => import('./DevicesPage.vue'), meta: { roles: ['agent'], nav: { label: 'devices.title', group: 'work', icon: Monitor, order: 40 } } },
]
