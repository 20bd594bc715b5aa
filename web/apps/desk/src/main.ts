import { collectMessages, createLocale } from '@dr/locale'
import '@dr/ui/base.css'
import 'element-plus/dist/index.css'
import '@dr/ui/element.css'
import './desk.css'
import { ElConfigProvider } from 'element-plus'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { createDeskRouter } from './router'
import { applyTheme } from './shared/theme'

applyTheme()
const messages = collectMessages({
  ...import.meta.glob('./features/*/locale.zh-CN.ts', { eager: true }),
  ...import.meta.glob('./s*/locale.zh-CN.ts', { eager: true }),
})

createApp(App)
  .component('ElConfigProvider', ElConfigProvider)
  .use(createPinia())
  .use(createLocale(messages))
  .use(createDeskRouter())
  .mount('#app')
