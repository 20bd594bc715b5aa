import vue from '@vitejs/plugin-vue'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import Components from 'unplugin-vue-components/vite'
import { defineConfig } from 'vite'

const service = process.env.DR_SERVICE ?? 'http://127.0.0.1:8080'

export default defineConfig({
  base: '/desk/',
  plugins: [vue(), Components({ dts: false, dirs: [], resolvers: [ElementPlusResolver({ importStyle: false })] })],
  build: { outDir: '../../dist/desk', emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 900 },
  server: { port: 5173, proxy: { '/api': service, '/ws': { target: service, ws: true } } },
})
