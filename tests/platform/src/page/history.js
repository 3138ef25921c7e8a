/** The app's own address within its page, kept behind the `#` of this one. */
export class FrameHistory {
  constructor() {
    this.followers = new Set();
    addEventListener('popstate', () => this.tell('POP'));
  }

  get location() {
    const { pathname, search, hash } = new URL(location.hash.slice(1) || '/', 'http://app');
    return { pathname, search, hash, state: history.state, key: 'default' };
  }

  follow(listener) {
    this.followers.add(listener);
    return { location: this.location, action: 'POP', length: history.length };
  }

  move({ how, to, state = null, by: steps }) {
    if (how === 'GO') return history.go(steps);
    const path =
      typeof to === 'string' ? to : `${to.pathname ?? '/'}${to.search ?? ''}${to.hash ?? ''}`;
    const change = how === 'PUSH' ? 'pushState' : 'replaceState';
    history[change](state, '', `#${path}`);
    return this.tell(how);
  }

  tell(action) {
    for (const listener of this.followers) listener({ location: this.location, action });
  }
}
