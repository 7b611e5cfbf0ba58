-- nvim --headless -u NONE -i NONE -n -S neovim.lua    (0.7 and later)
--
-- Opens KALC_FILE with `KALC_BIN lsp`, asks for what an editor asks for, and prints one JSON object. The test that runs
-- it judges the answers; here only the conversation must work.
local out = {}

local function clients()
  return vim.lsp.get_clients and vim.lsp.get_clients() or vim.lsp.get_active_clients()
end

local function position(line, character)
  return { line = line, character = character }
end

local function talk()
  vim.cmd('edit ' .. vim.fn.fnameescape(vim.env.KALC_FILE))
  local buffer = vim.api.nvim_get_current_buf()
  vim.bo[buffer].filetype = 'keepalived'
  local start = vim.lsp.start_client or vim.lsp.start
  local id = start({ name = 'kalc', cmd = { vim.env.KALC_BIN, 'lsp' }, root_dir = vim.fn.getcwd() })
  assert(id, 'the server does not start')
  vim.lsp.buf_attach_client(buffer, id)
  assert(vim.wait(20000, function() return #vim.diagnostic.get(buffer) > 0 end, 20), 'no diagnostics')
  local client = vim.lsp.get_client_by_id(id)
  out.encoding = client.offset_encoding

  local function diagnostics()
    local found = {}
    for _, d in ipairs(vim.diagnostic.get(buffer)) do
      table.insert(found, {
        source = d.source,
        code = d.code or (d.user_data and d.user_data.lsp and d.user_data.lsp.code),
        severity = d.severity,
        line = d.lnum,
        column = d.col,
        last = d.end_col,
        message = d.message,
      })
    end
    return found
  end

  local function ask(method, params)
    params.textDocument = { uri = vim.uri_from_bufnr(buffer) }
    local answer, why = client.request_sync(method, params, 20000, buffer)
    assert(answer, method .. ': ' .. tostring(why))
    assert(not answer.err, method .. ': ' .. vim.inspect(answer.err))
    return answer.result
  end

  out.before = diagnostics()
  out.hover = ask('textDocument/hover', { position = position(4, 8) })
  -- Typing: a new line whose word is not finished, behind text of every width.
  vim.api.nvim_buf_set_lines(buffer, 4, 4, false, { '    adv' })
  out.completion = ask('textDocument/completion', { position = position(4, 7) })
  vim.api.nvim_buf_set_lines(buffer, 4, 5, false, { '    state ' })
  out.values = ask('textDocument/completion', { position = position(4, 10) })
  vim.api.nvim_buf_set_lines(buffer, 4, 6, false, { '    virtual_router_id 300' })
  -- A quick fix, applied by the editor itself. It writes into what it applies, so the answer is copied before.
  local function shown()
    return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
  end
  local range = { start = position(5, 4), ['end'] = position(5, 12) }
  out.actions = vim.deepcopy(ask('textDocument/codeAction', { range = range, context = { diagnostics = {} } }))
  for _, action in ipairs(out.actions) do
    if action.isPreferred and action.edit then
      vim.lsp.util.apply_workspace_edit(vim.deepcopy(action.edit), client.offset_encoding)
      break
    end
  end
  out.fixed = shown()
  local edits = ask('textDocument/formatting', { options = { tabSize = 8, insertSpaces = false } })
  vim.lsp.util.apply_text_edits(vim.deepcopy(edits), buffer, client.offset_encoding)
  out.formatted = shown()
  -- Mending: the number that is too large goes, and with it the finding.
  for line, text in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
    if text:find('virtual_router_id') then
      vim.api.nvim_buf_set_lines(buffer, line - 1, line, false, { '    virtual_router_id 51' })
    end
  end
  vim.wait(20000, function()
    for _, d in ipairs(diagnostics()) do
      if d.severity == vim.diagnostic.severity.ERROR then return false end
    end
    return true
  end, 20)
  out.after = diagnostics()
end

local ok, why = pcall(talk)
if not ok then out.failed = tostring(why) end
io.stdout:write(vim.json.encode(out) .. '\n')
io.stdout:flush()
for _, client in ipairs(clients()) do client.stop() end
vim.wait(3000, function() return #clients() == 0 end, 20)
vim.cmd(ok and 'qall!' or '1cquit!')
