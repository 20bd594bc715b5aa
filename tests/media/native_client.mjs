/**
 * A native libwebrtc client for tests and benches: joins with known content and does what it is told, one JSON object a line.
 *
 * Content: a picture that turns white for 120 ms and a tone of 100 ms at each multiple of `period_ms`, both by the monotonic
 * clock of this machine, which the server shares. Commands {id, do, …} are answered with {id, …}; never for production.
 */
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const require = createRequire(new URL('../../web/package.json', import.meta.url))
const wrtc = require('@roamhq/wrtc')
const { RTCVideoSource, RTCAudioSource, RTCVideoSink, RTCAudioSink } = wrtc.nonstandard

const FLASH_MS = 120
const BEEP_MS = 100
const now = () => Number(process.hrtime.bigint()) / 1e6

let pc = null
let size = { width: 320, height: 240 }
let fps = 20
let period = 500
let isTalking = true
/** How many white pictures were given to the camera, by flash: what a stalled machine did not show cannot be in the file. */
const shown = {}
/** When the first white picture of each flash was given to the camera: a late client is no fault of the recording. */
const shownAt = {}
/** Sound that was never made because this process stood still for too long (from, to), and how late sound was at most. */
const sound = { skipped: [], late_ms: 0, late_frames: 0 }
const GIVE_UP_MS = 20_000
const tracks = { mic: null, camera: null, screen: null }
const MIDS = { mic: '0', camera: '1', screen: '2' }
const seen = {}

function picture(t) {
  const { width, height } = size
  const data = new Uint8ClampedArray(width * height * 1.5)
  const isWhite = t % period < FLASH_MS
  data.fill(isWhite ? 235 : 70, 0, width * height)
  data.fill(128, width * height)
  const x = Math.floor(t / 10) % (width - 8)
  for (let row = Math.floor(height * 0.6); row < height; row++) data.fill(30, row * width + x, row * width + x + 8)
  return { width, height, data, rotation: 0 }
}

function startVideo(kind) {
  const source = new RTCVideoSource({ isScreencast: kind === 'screen' })
  tracks[kind] = source.createTrack()
  const step = 1000 / fps
  let next = Math.ceil(now() / step) * step
  setInterval(() => {
    const t = now()
    if (t < next) return
    // On the grid of the flashes, so that each begins with a picture.
    const due = Math.floor(t / step) * step
    next = due + step
    const flash = kind === 'camera' && due % period < FLASH_MS ? Math.floor(due / period) : null
    if (flash !== null) {
      shown[flash] = (shown[flash] ?? 0) + 1
      shownAt[flash] ??= t
    }
    source.onFrame(picture(due))
  }, 3)
}

function startAudio() {
  const source = new RTCAudioSource()
  tracks.mic = source.createTrack()
  let at = now()
  setInterval(() => {
    const t = now()
    if (!isTalking) {
      at = t
      return
    }
    // A stalled process makes up for it at once: sound left out would stop the stack's RTP clock, as a phone call does.
    sound.late_ms = Math.max(sound.late_ms, t - at)
    if (t - at > 100) sound.late_frames++
    if (t - at > GIVE_UP_MS) {
      sound.skipped.push([at, t])
      at = t
    }
    while (at <= t) {
      const samples = new Int16Array(480)
      for (let i = 0; i < 480; i++) {
        const ms = at + i / 48
        if (ms % period < BEEP_MS) samples[i] = 16000 * Math.sin(2 * Math.PI * ms)
      }
      source.onData({ samples, sampleRate: 48000, bitsPerSample: 16, channelCount: 1, numberOfFrames: 480 })
      at += 10
    }
  }, 5)
}

const transceiver = (mid) => pc.getTransceivers().find((item) => item.mid === mid)

async function answer(sdp) {
  await pc.setRemoteDescription({ type: 'offer', sdp })
  for (const mid of Object.values(MIDS)) transceiver(mid).direction = 'sendonly'
  await pc.setLocalDescription(await pc.createAnswer())
  return pc.localDescription.sdp
}

function watch(track) {
  const mid = pc.getTransceivers().find((item) => item.receiver.track === track)?.mid
  const found = (seen[mid] = { frames: 0, width: 0, height: 0, samples: 0, at: 0 })
  if (track.kind === 'video') {
    new RTCVideoSink(track).onframe = ({ frame }) => {
      found.frames++
      found.width = frame.width
      found.height = frame.height
      found.at = now()
    }
  } else {
    new RTCAudioSink(track).ondata = ({ samples }) => {
      if (samples.some((value) => Math.abs(value) > 2000)) {
        found.samples++
        found.at = now()
      }
    }
  }
}

async function join({ sdp, kinds = ['mic', 'camera'], ice_servers = [], policy = 'all', width = 320, height = 240, rate = 20, period_ms = 500 }) {
  size = { width, height }
  fps = rate
  period = period_ms
  const iceServers = ice_servers.map(({ urls, username, credential }) => ({ urls, username, credential }))
  pc = new wrtc.RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers, iceTransportPolicy: policy })
  pc.ontrack = ({ track }) => watch(track)
  const text = await answer(sdp)
  // After the answer: starting the sound earlier makes the first RTP timestamps burst.
  if (kinds.includes('mic')) startAudio()
  for (const kind of ['camera', 'screen']) if (kinds.includes(kind)) startVideo(kind)
  for (const kind of kinds) await transceiver(MIDS[kind]).sender.replaceTrack(tracks[kind])
  if (ice_servers.length) await gathered()
  return { sdp: ice_servers.length ? pc.localDescription.sdp : text }
}

/** A relayed address is there, or none will be. A network that does not answer keeps gathering from being complete for 40 s. */
function gathered() {
  return new Promise((resolve) => {
    pc.onicecandidate = ({ candidate }) => (!candidate || candidate.candidate.includes(' typ relay')) && resolve()
    pc.onicecandidateerror = ({ errorCode }) => errorCode >= 400 && errorCode < 500 && resolve()
    pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && resolve()
    if (pc.iceGatheringState === 'complete' || pc.localDescription.sdp.includes(' typ relay')) resolve()
  })
}

async function stats() {
  const out = { inbound: {}, outbound: {}, pair: null, local: null, seen, state: pc.connectionState, ice: pc.iceConnectionState }
  const report = await pc.getStats()
  report.forEach((item) => {
    if (item.type === 'inbound-rtp') out.inbound[item.mid ?? item.ssrc] = item
    if (item.type === 'outbound-rtp') out.outbound[item.mid ?? item.ssrc] = item
    if (item.type === 'candidate-pair' && item.nominated && item.state === 'succeeded') out.pair = item
  })
  if (out.pair) out.local = report.get(out.pair.localCandidateId)
  return out
}

const DO = {
  join,
  stats,
  async shown() {
    return { shown, shown_at: shownAt, sound }
  },
  /** Stand still, as a process does that the machine does not let run. */
  async stall({ ms }) {
    const from = now()
    while (now() - from < ms);
    return { at: from }
  },
  async restart({ sdp }) {
    return { sdp: await answer(sdp), at: now() }
  },
  async talk({ is_on }) {
    isTalking = is_on
    return { at: now() }
  },
  async resize({ width, height }) {
    size = { width, height }
    return { at: now() }
  },
  async track({ kind, is_on }) {
    await transceiver(MIDS[kind]).sender.replaceTrack(is_on ? tracks[kind] : null)
    return { at: now() }
  },
  async close() {
    pc.close()
    setTimeout(() => process.exit(0), 50)
    return {}
  },
}

createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, do: name, ...params } = JSON.parse(line)
  let result
  try {
    result = await DO[name](params)
  } catch (error) {
    result = { error: String(error) }
  }
  process.stdout.write(JSON.stringify({ id, ...result }) + '\n')
}).on('close', () => process.exit(0))
