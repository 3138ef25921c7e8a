import { Hono } from 'hono';
export const page = () => new Hono();
