import { cpSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

const service = process.env.DR_SERVICE ?? 'http://127.0.0.1:8080'

/** What pdf.js fetches at run time: character maps, standard fonts, decoders. Nothing comes from other servers. */
function pdfAssets(): Plugin {
  const root = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'))
  return {
    name: 'pdf-assets',
    writeBundle(options) {
      for (const folder of ['cmaps', 'standard_fonts', 'wasm']) cpSync(join(root, folder), join(options.dir ?? '', 'pdf', folder), { recursive: true })
    },
  }
}

export default defineConfig({
  base: '/m/',
  plugins: [vue(), pdfAssets()],
  build: { outDir: '../../dist/mobile', emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 900 },
  worker: { format: 'es' },
  server: {
    port: 5174,
    proxy: { '/api': { target: service }, '/ws': { target: service, ws: true } },
  },
})
