/** Puts the lint marker on the generated file. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const file = fileURLToPath(new URL('./src/schema.d.ts', import.meta.url))
const text = readFileSync(file, 'utf8').replace(/^\/\*[\s\S]*?\*\/\s*/, '')
writeFileSync(file, `/* eslint-disable */\n/* Generated from openapi.json by \`npm run api:types\`; do not edit. */\n${text}`)
