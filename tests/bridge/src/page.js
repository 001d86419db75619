// Stands in for what Tauri injects into its webview: `invoke` goes to the bridge by POST, events come back as a stream.
(() => {
  const callbacks = new Map();
  const listeners = new Map();
  let next = 1;

  const transformCallback = (callback, once = false) => {
    const id = next++;
    callbacks.set(id, (value) => {
      if (once) callbacks.delete(id);
      callback?.(value);
    });
    return id;
  };

  const plugins = {
    'plugin:event|listen': ({ event, handler }) => {
      listeners.set(handler, event);
      return handler;
    },
    'plugin:event|unlisten': ({ eventId }) => {
      listeners.delete(eventId);
      return null;
    },
  };

  const invoke = async (command, args = {}) => {
    if (plugins[command]) return plugins[command](args);
    const answer = await fetch(`/__bridge/invoke/${encodeURIComponent(command)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(args),
    });
    const reply = await answer.json();
    if (reply.ok) return reply.value;
    throw reply.error;
  };

  const stream = new EventSource('/__bridge/events');
  stream.onmessage = ({ data }) => {
    const { event, payload } = JSON.parse(data);
    for (const [id, name] of listeners) {
      if (name === event) callbacks.get(id)?.({ event, id, payload });
    }
  };

  window.__TAURI_INTERNALS__ = {
    invoke,
    transformCallback,
    unregisterCallback: (id) => callbacks.delete(id),
    metadata: { currentWindow: { label: 'main' }, currentWebview: { label: 'main', windowLabel: 'main' } },
  };
  window.__TAURI_EVENT_PLUGIN_INTERNALS__ = { unregisterListener: (_event, id) => listeners.delete(id) };
})();
