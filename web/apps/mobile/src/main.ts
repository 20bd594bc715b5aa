import { collectMessages, createLocale } from '@dr/locale'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import '@dr/ui/base.css'
import 'vant/lib/index.css'
import '@dr/ui/vant.css'
import './style.css'
import App from './App.vue'
import { createPhoneRouter } from './router'

const messages = collectMessages(import.meta.glob(['./features/*/locale.zh-CN.ts', './shared/locale.zh-CN.ts'], { eager: true }))

createApp(App).use(createPinia()).use(createLocale(messages)).use(createPhoneRouter()).mount('#app')
