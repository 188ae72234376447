function inOrder(messages) {
  return [...messages].sort((one, other) => (one.ts < other.ts ? -1 : one.ts > other.ts ? 1 : 0));
}

function merged(old, fresh) {
  const all = new Map(old.map((message) => [message.ts, message]));
  for (const message of fresh) all.set(message.ts, message);
  return inOrder(all.values());
}

/** True for an answer in a thread that is not also shown in the channel. */
function isReply(message) {
  return Boolean(message.thread_ts) && message.thread_ts !== message.ts && message.subtype !== "thread_broadcast";
}

/**
 * The messages read so far, by channel and by thread. Fires "change" with detail {channel, message?}.
 *
 * What the live line says while an answer is awaited may be newer than the answer: it is taken in again on top of it.
 */
export class History extends EventTarget {
  #channels = new Map();
  #threads = new Map();
  #heard = new Set();
  #recounts = new Map();

  constructor(api) {
    super();
    this.api = api;
  }

  #tell(detail) {
    this.dispatchEvent(new CustomEvent("change", { detail }));
  }

  /** {messages, more} once the channel has been opened, else null. */
  channel(id) {
    return this.#channels.get(id) ?? null;
  }

  thread(channel, ts) {
    return this.#threads.get(`${channel} ${ts}`) ?? null;
  }

  async open(channel) {
    const { answer, since } = await this.#ask(this.api.history(channel));
    const kept = this.#channels.get(channel);
    const newest = answer.messages[0]?.ts ?? "";
    const older = kept ? kept.messages.filter((message) => message.ts < newest || message.ephemeral) : [];
    const more = older.length && kept ? kept.more : answer.has_more;
    this.#channels.set(channel, { messages: merged(older, answer.messages), more });
    this.#again(channel, since);
  }

  async older(channel) {
    if (!this.#channels.get(channel)?.more) return;
    const { answer, since } = await this.#ask(this.api.history(channel, this.#channels.get(channel).messages[0]?.ts));
    this.#channels.set(channel, { messages: merged(answer.messages, this.#channels.get(channel).messages), more: answer.has_more });
    this.#again(channel, since);
  }

  async openThread(channel, ts) {
    const { answer, since } = await this.#ask(this.api.replies(channel, ts));
    this.#threads.set(`${channel} ${ts}`, inOrder(answer.messages));
    this.#again(channel, since);
  }

  /** The answer, and what the live line has said since it was asked for. */
  async #ask(asked) {
    const since = [];
    this.#heard.add(since);
    try {
      return { answer: await asked, since };
    } finally {
      this.#heard.delete(since);
    }
  }

  #again(channel, since) {
    for (const event of since) this.#take(event);
    this.#tell({ channel });
  }

  /** Takes in what the live line says about messages. */
  apply(event) {
    for (const since of this.#heard) since.push(event);
    this.#take(event);
    if (event.type === "message_deleted") {
      this.#tell({ channel: event.channel });
      return;
    }
    const { message } = event;
    this.#tell({ channel: message.channel, message, fresh: event.type === "message", reply: isReply(message) });
  }

  #take(event) {
    if (event.type === "message_deleted") this.#remove(event.channel, event.ts);
    else this.#put(event.message);
  }

  #put(message) {
    const reply = isReply(message);
    const threadKey = `${message.channel} ${message.thread_ts ?? message.ts}`;
    const thread = this.#threads.get(threadKey);
    if (thread) this.#threads.set(threadKey, merged(thread, [message]));
    const kept = this.#channels.get(message.channel);
    if (kept && !reply) kept.messages = merged(kept.messages, [message]);
    if (kept && reply && !message.ephemeral) this.#recount(message.channel, message.thread_ts);
  }

  /** How many answers a message has is asked again: it counts what others wrote meanwhile too. The latest asking holds. */
  async #recount(channel, ts) {
    const key = `${channel} ${ts}`;
    const turn = (this.#recounts.get(key) ?? 0) + 1;
    this.#recounts.set(key, turn);
    const asked = await this.#ask(this.api.replies(channel, ts)).catch(() => null);
    const parent = asked?.answer.messages.find((message) => message.ts === ts);
    const kept = this.#channels.get(channel);
    if (!parent || !kept?.messages.some((message) => message.ts === ts)) return;
    if (this.#recounts.get(key) !== turn || asked.since.some((event) => event.message?.ts === ts)) return;
    kept.messages = merged(kept.messages, [parent]);
    this.#tell({ channel });
  }

  #remove(channel, ts) {
    const kept = this.#channels.get(channel);
    if (kept) kept.messages = kept.messages.filter((message) => message.ts !== ts);
    for (const [key, messages] of this.#threads) {
      if (!key.startsWith(`${channel} `) || !messages.some((message) => message.ts === ts)) continue;
      this.#threads.set(key, messages.filter((message) => message.ts !== ts));
      this.#recount(channel, key.slice(channel.length + 1));
    }
  }
}
