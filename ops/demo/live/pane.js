// One person's half of the page: what they see, kept up to date by events alone after the first look.

import { HomeroomClient } from "./homeroom_client.mjs";
import { io } from "./socket.io.esm.min.js";

const TYPING_MILLISECONDS = 3000;
const LOG_LINES = 40;

/** The hour, and the day of what was not today. */
function whenever(text) {
  const moment = new Date(text);
  const isToday = moment.toDateString() === new Date().toDateString();
  const day = isToday ? {} : { month: "short", day: "numeric" };
  return moment.toLocaleString([], { ...day, hour: "2-digit", minute: "2-digit" });
}

export class Pane {
  constructor(element, config, people) {
    Object.assign(this, { element, config, people, conversations: new Map(), open: null, client: null, names: {} });
    const select = this.find(".person");
    people.forEach((person) => select.add(new Option(`${person.name} (${person.role})`, person.email)));
    select.addEventListener("change", () => this.start());
    this.find(".writer").addEventListener("submit", (event) => this.send(event));
    this.find(".body").addEventListener("input", () => this.tellTyping());
  }

  find(selector) {
    return this.element.querySelector(selector);
  }

  async start() {
    this.client?.close();
    Object.assign(this, { conversations: new Map(), open: null, waiting: null, notifications: [] });
    this.person = this.people.find((person) => person.email === this.find(".person").value);
    this.session = await this.api("POST", "/auth/login", { email: this.person.email, password: this.person.password });
    await this.prepare();
    this.client = new HomeroomClient(io, this.config.realtime_url, {
      getToken: () => this.token(),
      onEvent: (name, event) => this.hear(name, event),
      onResync: () => this.load(),
      onState: (state) => this.showState(state),
      lastSeq: this.place(),
    });
    await this.load();
  }

  /** How far this tab has come in the person's stream of events. */
  place() {
    return Number(sessionStorage.getItem(`seq:${this.person.email}`) ?? 0);
  }

  async token() {
    this.session = await this.api("POST", "/auth/refresh", { refresh_token: this.session.refresh_token });
    return this.session.access_token;
  }

  async api(method, path, body) {
    const headers = { "Content-Type": "application/json" };
    if (this.session?.access_token) headers.Authorization = `Bearer ${this.session.access_token}`;
    const answer = await fetch(`/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    const content = await answer.json();
    if (!content.success) throw new Error(`${method} ${path}: ${content.message}`);
    return content.data;
  }

  /** Whoever comes first opens the conversations that the two panes share. */
  async prepare() {
    const { person, class_id: classId } = this.config.partner[this.person.email] ?? {};
    if (!person) return;
    const name = this.person.role === "teacher" ? "student_id" : "teacher_id";
    await this.api("POST", "/messages/conversations", { [name]: person });
    if (this.person.role === "teacher") await this.api("POST", "/messages/conversations", { class_id: classId });
  }

  /** Look at everything anew. What happens meanwhile waits: much of it is in what we look at already. */
  async load() {
    if (this.waiting) return;
    this.waiting = [];
    await this.look();
    const happened = this.waiting;
    this.waiting = null;
    for (const [name, event] of happened) await this.hear(name, event);
  }

  async look() {
    const [conversations, notifications] = await Promise.all([
      this.api("GET", "/messages/conversations?limit=20"),
      this.api("GET", "/notifications?limit=8"),
    ]);
    this.conversations = new Map(conversations.items.map((each) => [each.id, each]));
    this.notifications = notifications.items.map((each) => ({ ...each, unread: each.read_at === null }));
    for (const each of conversations.items) {
      for (const one of [each.teacher, each.student]) if (one) this.names[one.id] = one.name;
    }
    await this.client.ask("presence:watch", { user_ids: Object.keys(this.names) }).then(({ ok, data }) => {
      this.presence = ok ? data.states : {};
    });
    const partner = this.config.partner[this.person.email]?.person;
    const first = conversations.items.find((each) => [each.teacher.id, each.student?.id].includes(partner) && each.kind === "direct");
    await this.choose(this.conversations.has(this.open) ? this.open : (first ?? conversations.items[0])?.id);
    this.draw();
  }

  async choose(id) {
    if (!id) return;
    this.open = id;
    const page = await this.api("GET", `/messages/conversations/${id}/messages?limit=50`);
    this.messages = page.items.reverse();
    this.draw();
    await this.markRead();
  }

  async markRead() {
    const last = this.messages.at(-1);
    if (!last) return;
    await this.client.ask("message:read", { conversation_id: this.open, up_to_message_id: last.id });
  }

  async send(event) {
    event.preventDefault();
    const input = this.find(".body");
    if (!input.value.trim() || !this.open) return;
    const conversation = this.conversations.get(this.open);
    if (conversation.kind === "announcements") {
      await this.api("POST", "/messages/announcements", { class_id: conversation.class_id, body: input.value });
    } else {
      await this.client.sendMessage(this.open, input.value);
    }
    input.value = "";
    this.typingUntil = 0;
  }

  tellTyping() {
    if (!this.open || Date.now() < (this.typingUntil ?? 0)) return;
    this.typingUntil = Date.now() + TYPING_MILLISECONDS;
    this.client.ask("typing:start", { conversation_id: this.open }).catch(() => {});
  }

  async hear(name, event) {
    if (this.waiting) return void this.waiting.push([name, event]);
    this.log(name, event);
    if (event.seq) sessionStorage.setItem(`seq:${this.person.email}`, event.seq);
    const deed = { "message:new": this.onMessage, "message:edited": this.onChange, "message:deleted": this.onChange,
      "message:read": this.onRead, "notification:new": this.onNotification, badge: this.onBadge,
      typing: this.onTyping, presence: this.onPresence }[name];
    await deed?.call(this, event, name);
    this.draw();
  }

  async onMessage(event) {
    const conversation = this.conversations.get(event.conversation_id);
    if (!conversation) return this.load();
    if (event.number <= conversation.last_number) return; // the first look had it already
    conversation.last_number = event.number;
    if (this.open === event.conversation_id) {
      this.messages.push({ ...event, id: event.message_id });
      this.typist = null;
      await this.markRead();
    } else if (event.sender_id !== this.person.user_id) {
      conversation.unread += 1;
    }
  }

  onChange(event, name) {
    const message = this.messages?.find((each) => each.id === event.message_id);
    if (message) Object.assign(message, name === "message:edited" ? { body: event.body } : { body: null });
  }

  onRead(event) {
    const conversation = this.conversations.get(event.conversation_id);
    if (!conversation) return;
    if (event.user_id === this.person.user_id) conversation.unread = 0;
    else conversation.other_read_number = event.read_number;
  }

  onNotification(event) {
    this.notifications = [{ ...event, unread: true }, ...this.notifications.filter((each) => each.id !== event.id)];
  }

  onBadge(event) {
    this.badge = event.unread_messages + event.unread_notifications;
  }

  onTyping(event) {
    if (event.conversation_id !== this.open) return;
    this.typist = event.is_typing ? event.user_id : null;
    clearTimeout(this.typistLeaves);
    this.typistLeaves = setTimeout(() => { this.typist = null; this.draw(); }, 2 * TYPING_MILLISECONDS);
  }

  onPresence(event) {
    this.presence = { ...this.presence, [event.user_id]: event.state };
  }

  showState(state) {
    const shown = this.find(".state");
    shown.textContent = { connected: "live", synced: "live", refreshed: "live", away: "connecting" }[state] ?? state;
    shown.dataset.live = String(shown.textContent === "live");
  }

  log(name, event) {
    const line = document.createElement("li");
    line.textContent = `${name} ${JSON.stringify(event)}`;
    this.find(".log").prepend(line);
    while (this.find(".log").children.length > LOG_LINES) this.find(".log").lastElementChild.remove();
  }

  draw() {
    const open = this.conversations.get(this.open);
    this.find(".badge").hidden = !this.badge;
    this.find(".badge").textContent = this.badge ?? "";
    this.find(".conversations").replaceChildren(...[...this.conversations.values()].map((each) => this.row(each)));
    this.find(".notifications").replaceChildren(...(this.notifications ?? []).slice(0, 8).map((each) => {
      const line = document.createElement("li");
      line.textContent = each.occurrences > 1 ? `${each.title} (${each.occurrences})` : each.title;
      line.dataset.unread = each.unread;
      return line;
    }));
    if (!open) return;
    this.find(".title").textContent = this.nameOf(open);
    const other = [open.teacher.id, open.student?.id].find((id) => id && id !== this.person.user_id);
    this.find(".dot").dataset.state = (open.kind === "direct" && this.presence?.[other]) || "";
    this.find(".body").disabled = this.find(".writer button").disabled = !open.may_write;
    this.find(".typing").textContent = this.typist ? `${this.names[this.typist] ?? "Somebody"} is writing…` : "";
    const list = this.find(".messages");
    list.replaceChildren(...this.messages.map((each) => this.bubble(each, open)));
    list.scrollTop = list.scrollHeight;
  }

  nameOf(conversation) {
    if (conversation.kind === "announcements") return `Announcements: ${conversation.class_name}`;
    if (conversation.kind === "class") return conversation.class_name;
    return conversation.student.id === this.person.user_id ? conversation.teacher.name : conversation.student.name;
  }

  row(conversation) {
    const line = document.createElement("li");
    const button = document.createElement("button");
    const name = document.createElement("span");
    const count = document.createElement("span");
    name.textContent = this.nameOf(conversation);
    count.textContent = conversation.unread || "";
    count.className = "count";
    button.append(name, count);
    button.setAttribute("aria-current", String(conversation.id === this.open));
    button.addEventListener("click", () => this.choose(conversation.id));
    line.append(button);
    return line;
  }

  bubble(message, conversation) {
    const line = document.createElement("li");
    const note = document.createElement("small");
    const isOwn = message.sender_id === this.person.user_id;
    line.className = `${isOwn ? "own" : ""} ${message.body === null ? "deleted" : ""}`;
    line.textContent = message.body ?? "This message was deleted.";
    const time = whenever(message.sent_at);
    const isSeen = isOwn && conversation.kind === "direct" && message.number <= conversation.other_read_number;
    note.textContent = [isOwn ? "" : this.names[message.sender_id], time, isSeen ? "read" : ""].filter(Boolean).join(" · ");
    line.append(note);
    return line;
  }
}
