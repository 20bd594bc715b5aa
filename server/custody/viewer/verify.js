/* Checks an unpacked evidence package in the browser, without any network: hashes, chains, signature. Mirrors storage/evidence. */
'use strict';

/** SHA-256 in pieces (FIPS 180-4): a file of any size in constant memory, which the browser's own digest cannot do. */
class Sha256 {
  constructor() {
    this.h = new Uint32Array([0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19]);
    this.rest = new Uint8Array(64); this.filled = 0; this.length = 0; this.w = new Int32Array(64);
  }
  update(data) {
    this.length += data.length;
    let at = 0;
    if (this.filled) {
      const take = Math.min(64 - this.filled, data.length);
      this.rest.set(data.subarray(0, take), this.filled);
      this.filled += take; at = take;
      if (this.filled < 64) return this;
      this.block(this.rest, 0); this.filled = 0;
    }
    for (; at + 64 <= data.length; at += 64) this.block(data, at);
    this.rest.set(data.subarray(at)); this.filled = data.length - at;
    return this;
  }
  block(d, o) {
    const w = this.w, h = this.h;
    for (let i = 0; i < 16; i++, o += 4) w[i] = (d[o] << 24) | (d[o + 1] << 16) | (d[o + 2] << 8) | d[o + 3];
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15], y = w[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let a = h[0] | 0, b = h[1] | 0, c = h[2] | 0, e = h[4] | 0, f = h[5] | 0, g = h[6] | 0, k = h[7] | 0, q = h[3] | 0;
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (k + s1 + ((e & f) ^ (~e & g)) + Sha256.K[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      k = g; g = f; f = e; e = (q + t1) | 0; q = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    h[0] += a; h[1] += b; h[2] += c; h[3] += q; h[4] += e; h[5] += f; h[6] += g; h[7] += k;
  }
  hex() {
    const bits = this.length * 8, tail = new Uint8Array((this.filled < 56 ? 64 : 128) - this.filled);
    tail[0] = 0x80;
    new DataView(tail.buffer).setUint32(tail.length - 8, Math.floor(bits / 2 ** 32));
    new DataView(tail.buffer).setUint32(tail.length - 4, bits >>> 0);
    this.update(tail);
    return [...this.h].map((v) => v.toString(16).padStart(8, '0')).join('');
  }
}
Sha256.K = (() => {
  const k = []; let n = 2;
  for (; k.length < 64; n++) { let p = true; for (let i = 2; i * i <= n; i++) if (n % i === 0) p = false; if (p) k.push(n); }
  return Int32Array.from(k.map((p) => cubeFraction(p)));
  /* The first 32 bits of the fraction of the cube root, exactly. */
  function cubeFraction(p) {
    const target = BigInt(p) << 96n; let low = 0n, high = 1n << 36n;
    while (high - low > 1n) { const mid = (low + high) >> 1n; if (mid * mid * mid <= target) low = mid; else high = mid; }
    return Number(low & 0xffffffffn) | 0;
  }
})();

const utf8 = new TextEncoder();
const sha256Text = (text) => new Sha256().update(utf8.encode(text)).hex();
const ZERO = '0'.repeat(64);
const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

async function sha256File(file, onBytes) {
  const sum = new Sha256();
  for (let at = 0; at < file.size; at += 4 << 20) {
    const part = new Uint8Array(await file.slice(at, at + (4 << 20)).arrayBuffer());
    sum.update(part); onBytes(part.length);
  }
  return sum.hex();
}

/** Ed25519 (RFC 8032 §5.1.7) with plain numbers: not every browser has it. Only public values, so time does not matter. */
const Ed25519 = (() => {
  const P = 2n ** 255n - 19n, L = 2n ** 252n + 27742317777372353535851937790883648493n;
  const mod = (a, m = P) => ((a % m) + m) % m;
  const power = (b, e) => { let r = 1n; b = mod(b); for (; e > 0n; e >>= 1n) { if (e & 1n) r = mod(r * b); b = mod(b * b); } return r; };
  const D = mod(-121665n * power(121666n, P - 2n)), I = power(2n, (P - 1n) / 4n);
  const little = (bytes) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const add = ([a, b, c, d], [e, f, g, h]) => {
    const A = mod((b - a) * (f - e)), B = mod((b + a) * (f + e)), C = mod(2n * d * h * D), E = mod(2n * c * g);
    const [F, G, H, J] = [B - A, E - C, E + C, B + A];
    return [mod(F * G), mod(H * J), mod(G * H), mod(F * J)];
  };
  const times = (point, k) => { let r = [0n, 1n, 1n, 0n]; for (; k > 0n; k >>= 1n) { if (k & 1n) r = add(r, point); point = add(point, point); } return r; };
  const decode = (bytes) => {
    const number = little(bytes), y = number & (2n ** 255n - 1n), sign = number >> 255n;
    if (y >= P) return null;
    const u = mod(y * y - 1n), v = mod(D * y * y + 1n);
    let x = mod(u * power(v, 3n) * power(u * power(v, 7n), (P - 5n) / 8n));
    if (mod(v * x * x - u) !== 0n) x = mod(x * I);
    if (mod(v * x * x - u) !== 0n || (x === 0n && sign)) return null;
    if ((x & 1n) !== sign) x = mod(-x);
    return [x, y, 1n, mod(x * y)];
  };
  const BASE = decode(Uint8Array.from({ length: 32 }, (_, i) => (i ? 0x66 : 0x58)));
  return {
    async verify(publicKey, message, signature) {
      if (signature.length !== 64 || publicKey.length !== 32) return false;
      const a = decode(publicKey), r = decode(signature.slice(0, 32)), s = little(signature.slice(32));
      if (!a || !r || s >= L) return false;
      const all = new Uint8Array(64 + message.length);
      all.set(signature.slice(0, 32)); all.set(publicKey, 32); all.set(message, 64);
      const k = mod(little(new Uint8Array(await crypto.subtle.digest('SHA-512', all))), L);
      const left = times(BASE, s), right = add(r, times(a, k));
      return mod(left[0] * right[2] - right[0] * left[2]) === 0n && mod(left[1] * right[2] - right[1] * left[2]) === 0n;
    },
  };
})();

/**
 * Verify the files of an unpacked package.
 * files: Map of path → File. onProgress(done, total) in bytes. publishedKey: base64, from outside the package, or ''.
 * Returns [{ok: true|false|null, title, detail}]; null = not measured.
 */
async function verifyPackage(files, onProgress, publishedKey) {
  const found = [], say = (ok, title, detail = '') => found.push({ ok, title, detail });
  const text = async (name) => (files.has(name) ? await files.get(name).text() : null);
  const manifestText = await text('manifest.json'), sealText = await text('signature.json');
  if (manifestText === null) { say(false, '清单', '缺少 manifest.json：请选择解压后的整个文件夹'); return found; }
  if (sealText === null) say(false, '签名', '缺少 signature.json');
  const manifest = JSON.parse(manifestText);
  if (sealText !== null) await checkSeal(sealText, manifestText);
  await checkStamp(sealText);
  await checkFiles(manifest);
  checkSegments(manifest);
  await checkEvents(manifest);
  return found;

  async function checkSeal(seal, body) {
    const { statement, signature } = JSON.parse(seal);
    const start = seal.indexOf('"statement":') + 12, signed = seal.slice(start, seal.length - 1);
    const same = sha256Text(body) === statement.manifest_sha256;
    say(same, '清单与签名一致', same ? `SHA-256 ${statement.manifest_sha256}` : '清单在封存之后被改动');
    const listed = JSON.parse((await text('keys/keys.json')) ?? '{"keys":[]}').keys.find((key) => key.key_id === statement.key_id);
    const key = publishedKey || listed?.public_key;
    if (!key) return say(false, '签名', `找不到密钥 ${statement.key_id}`);
    if (!globalThis.crypto?.subtle) return say(null, '签名', '此浏览器打开本地文件时不提供计算功能，请用 verify 工具校验');
    const raw = fromBase64(key);
    const isKey = new Sha256().update(raw).hex().slice(0, 32) === statement.key_id;
    const valid = isKey && (await Ed25519.verify(raw, utf8.encode(signed), fromBase64(signature)));
    say(valid, 'Ed25519 签名', valid ? `封存于 ${statement.sealed_at}，密钥 ${statement.key_id}` : isKey ? '签名无效' : '公钥与签名所用密钥不符');
    if (valid && !publishedKey) say(null, '签名人', '公钥取自证据包自身，只证明完整；请与保险公司公布的公钥核对，或在上方粘贴公布的公钥后重新校验');
    if (valid && listed?.retired_at && statement.sealed_at > listed.retired_at) say(false, '密钥', '封存时该密钥已停用');
  }
  async function checkStamp(seal) {
    if (!files.has('timestamp.tsr')) return say(false, '可信时间戳', '缺少 timestamp.tsr');
    const token = new Uint8Array(await files.get('timestamp.tsr').arrayBuffer());
    const hex = [...token].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const covers = seal !== null && hex.includes(sha256Text(seal));
    say(covers, '时间戳对应本签名', covers ? '授时机构自身的签名由 verify 工具或 openssl ts 校验' : '时间戳不是为本签名签发的');
  }
  async function checkFiles(sealed) {
    const total = sealed.files.reduce((sum, entry) => sum + entry.bytes, 0);
    let done = 0; const bad = [];
    for (const entry of sealed.files) {
      const file = files.get(entry.path);
      if (!file) { bad.push(`${entry.path}（缺失）`); continue; }
      const hash = await sha256File(file, (bytes) => onProgress((done += bytes), total));
      if (hash !== entry.sha256) bad.push(`${entry.path}（被改动）`);
    }
    const known = new Set(sealed.files.map((entry) => entry.path));
    const extra = [...files.keys()].filter((name) => !known.has(name) && !/^(manifest\.json|signature\.json|timestamp\.tsr|index\.html|annex\/.*)$/.test(name));
    say(bad.length === 0, `全部 ${sealed.files.length} 个文件的 SHA-256`, bad.length ? bad.slice(0, 20).join('；') : '与清单逐一相符');
    if (extra.length) say(false, '清单之外的文件', extra.slice(0, 20).join('；'));
  }
  function checkSegments(sealed) {
    const heads = new Map(), broken = [], entries = new Map(sealed.files.map((entry) => [entry.path, entry.sha256]));
    for (const part of sealed.segments) {
      const chain = `${part.seat_id}/${part.leg_id}/${part.track}`;
      if (part.prev_sha256 !== (heads.get(chain) ?? ZERO)) broken.push(part.path);
      if (entries.get(part.path) !== part.sha256) broken.push(`${part.path}（封存时已与录制日志不符）`);
      heads.set(chain, part.sha256);
    }
    say(broken.length === 0, `录制切片链（${sealed.segments.length} 片，${heads.size} 路）`, broken.length ? `断开：${broken.join('；')}` : '每一片都接着前一片');
  }
  async function checkEvents(sealed) {
    const body = await text(sealed.events.path);
    if (body === null) return;
    const lines = body.split('\n').filter((line) => line), hashes = sealed.events.hashes, faults = [];
    if (lines.length !== hashes.length) faults.push(`应有 ${hashes.length} 条，现有 ${lines.length} 条`);
    let prev = ZERO;
    lines.forEach((line, at) => {
      const event = JSON.parse(line), bare = line.replace(/"hash":"[0-9a-f]{64}",?/, '');
      const hash = sha256Text(bare);
      if (hash !== hashes[at] || event.hash !== hash || event.prev !== prev) faults.push(`第 ${at + 1} 条（序号 ${event.seq}）`);
      prev = hash;
    });
    say(faults.length === 0, `会话事件链（${hashes.length} 条）`, faults.length ? faults.slice(0, 10).join('；') : '每一条都接着前一条');
  }
}
