import { ApiError } from "./api.js";

const FIRST_WAIT = 400;
const LONGEST_WAIT = 8000;

/** What the workspace pushes to one person, with reconnecting: `onOpen()` catches up, and where it cannot the line is opened anew. */
export class Live {
  #wait = FIRST_WAIT;

  constructor(user, { onEvent, onOpen, onLost }) {
    this.user = user;
    this.onEvent = onEvent;
    this.onOpen = onOpen;
    this.onLost = onLost;
  }

  start() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/page/live?user=${encodeURIComponent(this.user)}`);
    socket.addEventListener("open", () => this.#opened(socket));
    socket.addEventListener("message", (message) => this.onEvent(JSON.parse(message.data)));
    socket.addEventListener("close", () => this.#again());
  }

  async #opened(socket) {
    try {
      await this.onOpen();
      this.#wait = FIRST_WAIT;
    } catch (error) {
      socket.close();
      if (!(error instanceof ApiError)) throw error;
    }
  }

  #again() {
    this.onLost();
    setTimeout(() => this.start(), this.#wait);
    this.#wait = Math.min(LONGEST_WAIT, this.#wait * 2);
  }
}
