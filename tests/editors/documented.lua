-- nvim --headless -i NONE -n -u INIT -S documented.lua    (0.7 and later)
--
-- INIT is the text of docs/editors.md. Opens KALC_FILE as a user would, lets Neovim's own commands do the work, and prints
-- one JSON object. The test that runs it judges the answers; here only the conversation must work.
local out = {}

local function clients()
  return vim.lsp.get_clients and vim.lsp.get_clients() or vim.lsp.get_active_clients()
end

local function errors()
  local lines = {}
  for _, found in ipairs(vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR })) do
    table.insert(lines, found.lnum + 1)
  end
  table.sort(lines)
  return lines
end

local function wait(what, holds)
  assert(vim.wait(30000, holds, 20), 'it never came: ' .. what)
end

local function talk()
  vim.cmd('edit ' .. vim.fn.fnameescape(vim.env.KALC_FILE))
  out.filetype = vim.bo.filetype
  wait('two errors', function() return #errors() == 2 end)
  out.before = errors()
  vim.cmd([[%s/^    priority 100/       priority    100/]])
  if vim.lsp.buf.format then vim.lsp.buf.format({ timeout_ms = 20000 }) else vim.lsp.buf.formatting_sync(nil, 20000) end
  out.formatted = vim.fn.getline(vim.fn.search('priority', 'w'))
  -- The first fix of the misspelt word, chosen as somebody at the keyboard would.
  vim.fn.cursor(vim.fn.search('advert_intt', 'w'), 6)
  wait('the errors of the text as it is', function() return #errors() == 2 end)
  vim.ui.select = function(items, _, choose)
    out.offered = #items
    choose(items[1], 1)
  end
  vim.lsp.buf.code_action()
  wait('the fix', function() return vim.fn.search('advert_intt', 'nw') == 0 end)
  wait('one error less', function() return #errors() == 1 end)
  out.after = errors()
  out.text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n') .. '\n'
  vim.cmd('edit other.keepalived.conf')
  out.servers = #clients()
end

local ok, why = pcall(talk)
if not ok then out.failed = tostring(why) end
io.stdout:write(vim.json.encode(out) .. '\n')
io.stdout:flush()
for _, client in ipairs(clients()) do client.stop() end
vim.wait(3000, function() return #clients() == 0 end, 20)
vim.cmd(ok and 'qall!' or '1cquit!')
