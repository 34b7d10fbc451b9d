// Calls and events. The token stays in this tab; it comes from the address's fragment or the form.
const KEY = 'vfio-user-token';

export function takeTokenFromAddress() {
  const match = /^#token=(.+)$/.exec(location.hash);
  if (match) {
    sessionStorage.setItem(KEY, decodeURIComponent(match[1]));
    history.replaceState(null, '', location.pathname);
  }
}

export const setToken = token => sessionStorage.setItem(KEY, token);

const headers = () => {
  const token = sessionStorage.getItem(KEY);
  return token ? { Authorization: 'Bearer ' + token } : {};
};

export class Refused extends Error {
  constructor(status, message) { super(message); this.status = status; }
}

export async function call(method, path, body) {
  const response = await fetch(path, {
    method, headers: { ...headers(), 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Refused(response.status, answer.error);
  return answer;
}

export const devicePath = name => '/v1/devices/' + encodeURIComponent(name);

// Server-sent events by fetch, as EventSource cannot send the token. Ends when aborted or closed.
export async function events(traced, signal, handle, opened) {
  const response = await fetch('/v1/events?trace=' + encodeURIComponent(traced), { headers: headers(), signal });
  if (!response.ok) throw new Refused(response.status, (await response.json()).error);
  opened();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    let end;
    while ((end = text.indexOf('\n\n')) >= 0) {
      const event = /^event: (.*)\ndata: (.*)$/s.exec(text.slice(0, end));
      text = text.slice(end + 2);
      if (event) handle(event[1], JSON.parse(event[2]));
    }
  }
}
