/** The server's answer was an error; `code` is its short name ("network" when it could not be reached). */
export class ApiError extends Error {
  constructor(status, code) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

async function request(address, options) {
  let response;
  try {
    response = await fetch(address, { ...options, cache: "no-store" });
  } catch {
    throw new ApiError(0, "network");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok && body.result === undefined && body.ok === undefined) {
    throw new ApiError(response.status, body.error ?? `http_${response.status}`);
  }
  return body;
}

function get(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  const search = new URLSearchParams(given).toString();
  return request(search ? `${path}?${search}` : path, { headers: { Accept: "application/json" } });
}

function post(path, body) {
  return request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  });
}

/** The workspace as one person sees it. */
export class Api {
  constructor(user) {
    this.user = user;
  }

  state() {
    return get("/page/state", { user: this.user });
  }

  history(channel, before = null, limit = 50) {
    return get("/page/history", { user: this.user, channel, before, limit });
  }

  replies(channel, ts) {
    return get("/page/replies", { user: this.user, channel, ts });
  }

  home() {
    return get("/page/home", { user: this.user });
  }

  views() {
    return get("/page/views", { user: this.user });
  }

  health() {
    return get("/page/health");
  }

  openHome() {
    return post("/page/home", { user: this.user });
  }

  read(channel) {
    return post("/page/read", { user: this.user, channel });
  }

  say(channel, text, thread = null) {
    const body = { user: this.user, channel, text };
    return post("/page/message", thread ? { ...body, thread_ts: thread } : body);
  }

  command(channel, command, text) {
    return post("/page/command", { user: this.user, channel, command, text });
  }

  act(container, action, values) {
    return post("/page/action", { user: this.user, container, action, state: { values } });
  }

  submit(view, values) {
    return post("/page/view/submit", { user: this.user, view_id: view, values });
  }

  close(view) {
    return post("/page/view/close", { user: this.user, view_id: view });
  }

  options(container, block, action, value) {
    return post("/page/options", { user: this.user, container, block_id: block, action_id: action, value });
  }

  dm(other) {
    return post("/page/dm", { user: this.user, with: other });
  }

  faults() {
    return get("/page/faults");
  }

  misbehave(switches) {
    return post("/page/faults", switches);
  }

  moveClock(target) {
    return post("/page/clock", target);
  }
}
