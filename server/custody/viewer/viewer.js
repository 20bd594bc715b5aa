/* The page: plays, jumps to nodes, shows what was said, answered, read, signed, checked and judged. */
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const manifest = JSON.parse(data.raw['manifest.json']);
Object.assign(data, {
  entries: manifest.files, files: manifest.files.map((file) => file.path), answers: manifest.answers, documents: manifest.documents,
  checks: manifest.checks, transcript: JSON.parse(data.raw['transcript.json'] ?? '{"lines":[]}').lines,
});
const $ = (id) => document.getElementById(id);
const make = (tag, props = {}, ...children) => { const node = Object.assign(document.createElement(tag), props); node.append(...children); return node; };
const clock = (ms) => { const s = Math.max(0, Math.floor(ms / 1000)); const part = (v) => String(v).padStart(2, '0'); return (s >= 3600 ? `${Math.floor(s / 3600)}:` : '') + `${part(Math.floor(s / 60) % 60)}:${part(s % 60)}`; };
const video = $('video');
const seek = (ms) => { video.currentTime = Math.max(0, ms - (Number(video.dataset.t0) || 0)) / 1000; void video.play().catch(() => {}); };
const now = () => video.currentTime * 1000 + (Number(video.dataset.t0) || 0);
const VERDICT = { affirmative: '肯定', negative: '否定', unclear: '未听清', silent: '没有回答', pass: '通过', warn: '提示', fail: '不通过', not_measured: '未测量', not_applicable: '不适用' };
const TONE = { affirmative: 'good', pass: 'good', negative: 'bad', fail: 'bad', warn: 'warn', unclear: 'warn', silent: 'warn', not_measured: 'mute', not_applicable: 'mute' };
const badge = (key) => make('span', { className: `badge ${TONE[key] ?? 'mute'}`, textContent: VERDICT[key] ?? key });
const SAMPLED = { elderly: '60 岁及以上', unit_linked: '投连险', supplementary: '补录', random: '抽样', machine_finding: '机器发现问题' };
const DONE = { opened: '进入队列', locked: '开始质检', released: '放回队列', lock_expired: '超时放回队列', node_decided: '判定节点', passed: '质检通过', rejected: '质检驳回', appealed: '业务员申诉', appeal_accepted: '接受申诉，重新质检', appeal_refused: '维持驳回', appeal_lapsed: '已补录，申诉自动结束', assigned: '分配', released_unsampled: '未抽中，按规则放行' };
const LOOKED = { view: '打开录制', session: '看会话经过', timeline: '看时间线', events: '看会话事件', transcript: '看文字记录', answers: '看应答', ledger: '看单证台账', checks: '看机器检查', play: '打开播放器', stream: '播放', manifest: '下载清单', package: '下载证据包', verify: '校验完整性', search: '按说过的话查到' };
/** An instant where the insurer is. */
const local = (at) => (at ? new Date(at).toLocaleString('sv-SE', { timeZone: data.time_zone }) : '—');
const reasons = (codes) => (codes ?? []).map((code) => data.reasons[code] ?? code).join('、');
function told({ data: d }) {
  const node = data.nodes.find((item) => item.node_id === d.node_id)?.title ?? d.node_id;
  const notes = Object.entries(d.check_notes ?? {}).map(([code, text]) => `${code}：${text}`);
  return [
    d.sampled_because && (d.sampled_because.map((code) => SAMPLED[code] ?? code).join('、') || '未抽中'), node, VERDICT[d.verdict], reasons(d.reason_codes), d.name, d.text, d.note, ...notes,
    d.watched_share === undefined ? '' : `看过全片的 ${Math.floor(100 * d.watched_share)}%`, d.supplementary_due_at && `补录期限 ${local(d.supplementary_due_at)}`,
  ].filter(Boolean).join(' · ');
}
const seat = (id) => data.seats[id] ?? (id === 'prompt' ? '系统播报' : id || '');

function head() {
  $('title').textContent = `${data.product} · ${data.proposal_no}`;
  for (const [label, value] of data.facts) $('facts').append(make('div', {}, make('dt', { textContent: label }), make('dd', { textContent: value ?? '—' })));
}
function sources() {
  data.media.forEach((item, at) => $('source').append(make('option', { value: String(at), textContent: item.label })));
  const choose = () => {
    const item = data.media[Number($('source').value)], at = video.src ? now() : 0, playing = !video.paused;
    if (!item) return;
    video.src = item.path; video.dataset.t0 = String(item.t0_ms);
    video.addEventListener('loadedmetadata', () => { video.currentTime = Math.max(0, at - item.t0_ms) / 1000; if (playing) void video.play().catch(() => {}); }, { once: true });
  };
  $('source').addEventListener('change', choose);
  $('rate').addEventListener('change', () => { video.playbackRate = Number($('rate').value); });
  choose();
}
function nodes() {
  const judged = Object.fromEntries((data.inspection?.nodes ?? []).map((item) => [item.node_id, item]));
  data.nodes.forEach((node, at) => {
    const button = make('button', { type: 'button', className: 'node' }, make('span', { className: 'time', textContent: clock(node.t_ms) }), make('span', { className: 'name', textContent: `${at + 1} ${node.title}` }));
    if (judged[node.node_id]) button.append(badge(judged[node.node_id].verdict));
    button.addEventListener('click', () => seek(node.t_ms));
    node.button = button;
    $('nodes').append(make('li', {}, button));
    const bar = make('i', { title: node.title }); bar.style.left = `${(100 * node.t_ms) / Math.max(1, data.duration_ms)}%`;
    bar.addEventListener('click', () => seek(node.t_ms)); $('line').append(bar);
  });
}
const table = (names, rows) => make('table', {}, make('thead', {}, make('tr', {}, ...names.map((name) => make('th', { textContent: name })))), make('tbody', {}, ...rows));
const line = (t_ms, ...cells) => {
  const tr = make('tr', {}, ...cells.map((cell) => make('td', {}, cell instanceof Node ? cell : document.createTextNode(cell ?? '—'))));
  if (t_ms !== null && t_ms !== undefined) { tr.className = 'jump'; tr.tabIndex = 0; tr.addEventListener('click', () => seek(t_ms)); tr.addEventListener('keydown', (e) => { if (e.key === 'Enter') seek(t_ms); }); }
  return tr;
};
const nothing = (text) => make('p', { className: 'mute', textContent: text });
const TABS = {
  文字记录() {
    if (!data.transcript.length) return nothing('没有文字记录（未测量）。');
    const box = make('div');
    data.transcript.forEach((said) => {
      const row = make('p', { className: 'said jump', tabIndex: 0 }, make('span', { className: 'time', textContent: clock(said.start_ms) }), make('b', { textContent: seat(said.seat_id) }), make('span', { textContent: said.text }));
      row.addEventListener('click', () => seek(said.start_ms)); said.row = row; box.append(row);
    });
    return box;
  },
  应答: () => table(['时间', '节点', '谁', '听到', '判定', '人工改判'], data.answers.map((a) => line(a.start_ms, a.start_ms === null ? '—' : clock(a.start_ms), a.node_title, seat(a.seat_id), a.text, badge(a.verdict), a.override_verdict ? `${VERDICT[a.override_verdict] ?? a.override_verdict}：${a.override_reason}` : '—'))),
  文书() {
    const files = new Set(data.files), drawn = data.signatures;
    return table(['首次打开', '文书', '谁', '页', '到底', '阅读', '签名', '缺少'], data.documents.map((d) => {
      const path = `documents/${d.document_id}.pdf`;
      const name = files.has(path) ? make('a', { href: path, target: '_blank', textContent: d.title }) : make('span', { textContent: d.title });
      const sign = drawn.find((s) => s.person_id === d.person_id && s.document_id === d.document_id);
      return line(d.opened_at_ms, d.opened_at_ms === null ? '—' : clock(d.opened_at_ms), name, seat(d.seat_id), `${d.pages_seen}/${d.pages}`, d.bottom_reached ? '是' : '否', `${Math.round(d.dwell_ms / 1000)} 秒`, sign ? stroke(sign) : d.needs === 'sign' ? '未签' : '不需要', d.missing.join('、') || '无');
    }));
  },
  机器检查: () => table(['检查', '范围', '结果', '测得', '原因'], data.checks.map((c) => line(c.spans?.[0]?.t0_ms ?? null, c.code, c.scope, badge(c.result), c.value === null ? '—' : JSON.stringify(c.value), c.reason))),
  质检() {
    const one = data.inspection;
    if (!one) return nothing('导出时还没有质检记录。');
    const rows = one.nodes.map((n) => line(n.at_ms, data.nodes.find((x) => x.node_id === n.node_id)?.title ?? n.node_id, badge(n.verdict), reasons(n.reason_codes), n.text, `${n.by_name} ${local(n.decided_at)}`));
    const seen = (one.watched ?? []).map((w) => line(w.spans[0]?.[0] ?? null, w.actor_name, w.round, `${clock(w.watched_ms)}（${Math.floor((100 * w.watched_ms) / Math.max(1, data.duration_ms))}%）`, w.spans.map(([from, to]) => `${clock(from)}–${clock(to)}`).join('、')));
    const past = one.history.map((h) => line(null, local(h.at), h.actor_name || '系统', DONE[h.type] ?? h.type, told(h)));
    return make('div', {}, make('p', {}, make('b', { textContent: `结论：${{ passed: '通过', rejected: '驳回', queued: '待质检', appealed: '申诉中', cancelled: '取消' }[one.state] ?? one.state}` }), ` ${one.inspector_name ?? ''} ${one.decided_at ? local(one.decided_at) : ''} ${one.note ?? ''}`), rows.length ? table(['节点', '结论', '原因', '说明', '质检员'], rows) : nothing('没有逐个节点判定。'), make('h3', { textContent: '实际观看（按服务时钟核算）' }), seen.length ? table(['质检员', '轮次', '看过', '时段'], seen) : nothing('没有观看记录。'), make('h3', { textContent: '经过' }), table(['时间', '谁', '动作', '内容'], past));
  },
  访问记录: () => table(['时间', '谁', '动作', '地址'], data.accesses.map((a) => line(null, local(a.at), a.actor_name, LOOKED[a.action] ?? a.action, a.address))),
  文件: () => table(['文件', '字节', 'SHA-256'], data.entries.map((f) => line(null, make('a', { href: f.path, target: '_blank', textContent: f.path }), make('span', { className: 'whole', textContent: f.bytes.toLocaleString() }), f.sha256))),
};
function stroke(sign) {
  const canvas = make('canvas', { width: 132, height: 44, className: 'sign' }), pen = canvas.getContext('2d');
  const points = sign.strokes.flat(), xs = points.map((p) => p.x), ys = points.map((p) => p.y);
  const [x0, y0] = [Math.min(...xs), Math.min(...ys)], scale = Math.min(124 / Math.max(1e-6, Math.max(...xs) - x0), 36 / Math.max(1e-6, Math.max(...ys) - y0));
  pen.lineWidth = 1.6; pen.lineCap = 'round';
  for (const one of sign.strokes) { pen.beginPath(); one.forEach((p, i) => pen[i ? 'lineTo' : 'moveTo'](4 + (p.x - x0) * scale, 4 + (p.y - y0) * scale)); pen.stroke(); }
  return canvas;
}
function tabs() {
  Object.entries(TABS).forEach(([name, build], at) => {
    const body = make('section', { role: 'tabpanel', hidden: at > 0 }, build());
    const tab = make('button', { type: 'button', role: 'tab', textContent: name, ariaSelected: String(at === 0) });
    tab.addEventListener('click', () => { for (const other of $('tabs').children) other.ariaSelected = String(other === tab); for (const panel of $('panels').children) panel.hidden = panel !== body; });
    $('tabs').append(tab); $('panels').append(body);
  });
}
function follow() {
  const at = now(); $('now').textContent = `${clock(at)} / ${clock(data.duration_ms)}`;
  $('here').style.left = `${(100 * at) / Math.max(1, data.duration_ms)}%`;
  const current = data.nodes.filter((node) => node.t_ms <= at + 50).at(-1);
  for (const node of data.nodes) node.button.classList.toggle('on', node === current);
  for (const said of data.transcript) said.row?.classList.toggle('on', said.start_ms <= at && at < said.end_ms + 300);
}
async function check(list) {
  const files = new Map([...list].map((file) => [(file.webkitRelativePath || file.name).split('/').slice(1).join('/') || file.name, file]));
  const box = $('result'); box.hidden = false; box.replaceChildren(make('p', { textContent: '正在校验……' }), make('progress', { max: 1, value: 0 }));
  let results;
  try {
    results = await verifyPackage(files, (done, total) => { box.querySelector('progress').value = total ? done / total : 1; }, $('key').value.trim());
    for (const [name, text] of Object.entries(data.raw)) {
      const entry = name === 'manifest.json' ? JSON.parse(await files.get('signature.json')?.text() ?? '{}').statement?.manifest_sha256 : data.entries.find((e) => e.path === name)?.sha256;
      if (sha256Text(text) !== entry) results.push({ ok: false, title: '本页内容', detail: `页面里的 ${name} 与封存的文件不同` });
    }
  } catch (error) { results = [{ ok: false, title: '校验', detail: `证据包无法读取：${error.message}` }]; }
  const bad = results.some((item) => item.ok === false);
  const rows = results.map((item) => make('li', { className: item.ok === null ? 'mute' : item.ok ? 'good' : 'bad' }, make('b', { textContent: `${item.ok === null ? '–' : item.ok ? '✓' : '✗'} ${item.title}` }), ` ${item.detail}`));
  box.replaceChildren(make('h2', { className: bad ? 'bad' : 'good', textContent: bad ? '✗ 证据包有问题' : '✓ 证据完整' }), make('ul', {}, ...rows));
  box.dataset.intact = String(!bad);
}
head(); sources(); nodes(); tabs(); follow();
video.addEventListener('timeupdate', follow);
$('line').addEventListener('click', (e) => { if (e.target === $('line')) seek(((e.offsetX || 0) / $('line').clientWidth) * data.duration_ms); });
$('pick').addEventListener('change', (e) => void check(e.target.files));
document.addEventListener('keydown', (e) => {
  if (/INPUT|SELECT|TEXTAREA/.test(e.target.tagName)) return;
  if (e.key === ' ') { e.preventDefault(); if (video.paused) void video.play().catch(() => {}); else video.pause(); }
  if (e.key === 'ArrowLeft') seek(now() - 5000);
  if (e.key === 'ArrowRight') seek(now() + 5000);
});
