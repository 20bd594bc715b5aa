import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  test: {
    environment: 'happy-dom',
    include: ['packages/*/tests/**/*.test.ts', 'apps/*/tests/**/*.test.ts', 'apps/*/src/**/*.test.ts'],
    server: { deps: { inline: ['element-plus', 'vant'] } },
    env: { TZ: 'Asia/Shanghai' },
    // How long to wait for what will come: a busy machine is no fault.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
