/**
 * The ideas that error messages speak about, each with the words for it in English and Chinese. Rules are written
 * over ideas, so that one rule serves every wording in both languages.
 *
 * `_` joins the words of a phrase; a final `*` stands for any ending of the last word. A contraction counts as two
 * words (`doesn't` is `does not`, `cannot` is `can not`), and `camelCase` and `snake_case` names as several.
 */
export const CONCEPTS = {
  // — turning words —
  NOT: `not no never unable without none neither nor nobody nothing fail* non isnt dont doesnt wasnt arent
    不 未 无 没 非 勿 失败`,
  INVALID: `not_acknowledg* does_not_belong can_not_be_used out_of_order fake unusable no_good not_a_real not_usable not_a_known not_pass no_such_key garbage nonsense switched_off turned_off not_right wrongly does_not_exist_or_wrong is_off not_accept* refused_as not_acceptable isnt_valid not_validate not_pass* invalid wrong incorrect* illegal bad malformed mismatch* unacceptable inactive unexpected improper* unauthorized
    not_valid not_correct not_accepted not_match* does_not_match do_not_match did_not_match not_right rejected not_recogni* not_an_allowed not_active
    not_allowed_value unrecogni* differs not_enabled not_among not_one_of not_known unverified not_verified not_genuine not_be_verified does_not_verify did_not_verify
    unknown_client unknown_user does_not_fit not_fit not_follow not_a_valid isn't_valid be_verified revoked disabled garbled forged tampered
    错误 不正确 不对 无效 非法 不合法 不匹配 对不上 不一致 有误 未通过 不通过 不符 校验失败 验证失败 输错 不合规 不存在此 被拒 不能识别 不识别 吊销 不规范 错了 不合格 异常值 不可用的 不是合法 不属于 验证不通过 没通过 for_the_sandbox not_for_production not_for_live use_a_live for_test_mode out_of_sync does_not_agree do_not_agree not_agree not_suit not_the_right not_the_same 不相符 不相同 不吻合 不合 有问题 不可识别`,
  EXPIRED: `no_longer_valid out_of_validity timed_out_token has_run_out past_its expir* lapsed stale outdated out_of_date not_yet_valid too_old ran_out 过期 失效 已到期 到期 超过有效期 不在有效期 尚未生效 ended_its came_to_an_end reached_its_end no_longer_good ran_out_on lapse ended_on 已失效 失了效`,
  MISSING: `missing required require* mandatory lacks lacking absent omitted must_be_set must_be_given must_be_provided needed need must_provide must_specify must_contain
    not_provided not_given not_supplied not_specified not_set not_present not_sent not_configured not_passed not_included must_carry must_be_present should_be_present should_have_required
    no_value undefined unset left_out should_not_be_empty must_not_be_empty
    缺少 缺失 必填 未填 未传 没有传 没传 未提供 未配置 未设置 不能为空 为空 必须 必需 漏传 未携带 请填写 请提供 需要提供 未指定 不可为空 没带 未带 请输入 没有填 缺了`,
  EMPTY: 'empty blank null nil none_type null_value 空值 为空 不能为空 为NULL NULL 空的',
  DENIED: `not_authoris* unauthoris* can_not_list can_not_get_resource can_not_create_resource can_not_delete_resource can_not_watch_resource can_not_patch cannot_access can_not_access not_have_access no_right no_permission may_not_use may_not_access not_granted lacks_the denied forbidden not_allowed not_permitted refuses_access disallowed prohibited no_access not_entitled may_not lacks_access blocked not_authorized may_not_call not_open_to 拒绝访问 禁止 不允许 无权 没有权限 无权限 权限不足 越权 未授权 不可访问 无访问权限 未获授权 没有访问 无此权限 blocks bars withheld`,
  EXCEED: `used_all used_its used_their have_used has_used spent overstepped gone_over went_past over_the_limit past_the_limit went_over exceed* exceeds larger higher greater more_than over above beyond too_large too_long too_big too_many too_much passed reached hit surpass* used_up out_of too_small too_short too_high too_low maxed
    超过 超出 上限 超限 已达 达到 用完 用尽 过大 过长 太大 太长 超长 耗尽 大于 溢出 体积 太多 过多 已用100 占满 已满 已到上限 满了 used_100`,
  SHORT: `inbox_full mailbox_full mailbox_is_full inbox_is_full is_full not_cover not_enough_money insufficient not_enough not_sufficient too_low run_out ran_out no_more used_up exhausted depleted lack short_of unavailable_balance overdrawn none_left left not_cover does_not_cover are_left low 不足 不够 用完 耗尽 用尽 欠费 缺货 没钱 已用完 没有剩余 不充足 holds_less less_than_the_amount short_by fall_short falls_short too_little not_have_enough is_short runs_short can_not_cover ran_dry are_gone all_gone nothing_left has_been_spent not_enough_in 不够支付 不足以 欠款 透支 余额为 单量为 已没有`,
  ALREADY: `refunded_before used_before paid_before redeemed_before done_before added_before registered_before refunded_earlier cancelled_earlier was_redeemed was_claimed fully_refunded was_canceled was_cancelled already previously duplicate* twice in_use taken once_more
 已经 已存在 先前 重复 此前 已被 已支付 已关闭 已添加 已退款 已取消 已完成 已签收 已发货 已使用 已下单 已绑定 已领取 被占用 已注册 已成功 早已 已撤销 已结束 已结清 已售 已付款 已预订 no_second second_time for_the_second has_been_used has_been_redeemed was_used is_taken is_claimed has_been_claimed has_been_taken taken_by double_booking 不能重复 请勿重复 重复提交 已领过 已用过 已付 用过了 已兑换 已核销 已经有 不能再 无需重复 无需再次 不必再 once_only only_once`,
  LATER: `hold_on wait_a_little 重新调用 重新发起 重新请求 再次 in_one_minute in_a_minute wait_a_few after_a_while try_again_later retry_later try_later later again_in wait come_back in_a_moment in_a_few retry_after shortly try_again 稍后 稍候 请等 过一会 等待 稍等 晚点 重试 再试 一会儿再 片刻 in_a_while after_some_time in_a_bit start_over and_retry another_time 几分钟后 分钟后恢复 再来 give_us_a_minute give_it_a_minute in_an_hour 小时后 分钟后`,
  VAGUE_ERROR: `unexpected_error* unknown_error* something_went_wrong an_error_occurred an_error_has_occurred contact_support contact_the_administrator 系统异常 未知错误 未知异常 went_wrong goes_wrong going_wrong not_go_as_planned no_details no_further_information 出了点问题 出了问题 程序异常 操作异常`,
  UNKNOWN_WORD: 'unknown unrecognized unrecognised unspecified unexpected_error unknown_error 未知',
  NOW: 'right_now at_present briefly for_a_moment for_a_while right_now temporar* currently momentarily right_now at_the_moment at_this_time for_now transient* 暂时 临时 当前 目前 暂不 暂停 现在',

  // — credentials —
  SECRET: `csrf xsrf test_key live_key live_mode test_mode wrong_environment application_id app_identifier merchant_number merchant_id partner_id customer_code mch_id user_key 客户编码 商户号 publickey keyboard_interactive passkey login_name developer_key consumer_key webhook_secret signing_secret subscription_key license_number licence_number licence two_factor two-factor verification_code app_password authorization_header x-api-key apikeys 账号密码 用户名或密码 密码或 password* passwd passcode passphrase credential* api_key apikey api_keys access_key secret_key private_key public_key client_secret client_id token* jwt cookie* appid app_id appkey app_key appsecret
    app_secret secret otp username_or_password email_or_password authkey auth_key access_token refresh_token bearer session_id sessdata license_key account_number_and_password pin verification_code captcha session*
    密码 口令 密钥 秘钥 凭证 凭据 令牌 TOKEN Token token 私钥 公钥 证书私钥 口令 授权码 验证码 APPID AppID appid 应用ID 商户密钥 会话 Cookie API_key API密钥 AccessKey 身份令牌 授权key one-time_code one_time_code recovery_code activation_code two-step two_step`,
  SIGNATURE: 'signature* signing sign_error signed_request hmac sign_invalid 签名 验签 签名串 加签',
  LOGIN: `authoris* unauthoris* logging_on relogin re_login 登录态 扫码 实名 login log_in logged_in logging_in sign_in signed_in signing_in signin authenticat* authoriz* unauthenticated auth reauthenticate unauthorized logon sign_on oauth ldap_bind 
 登录 登陆 认证 鉴权 身份验证 授权 重新登录 未登录 身份校验 身份认证 登入 signed_out logged_out sign_in_again log_in_again log_on 请先登录 重新扫码 登录信息 未实名 实名认证 not_signed_in not_logged_in needs_login 登录超时`,
  RIGHTS: `entitled granted grant admin_only administrators_only access_level allowed_to 开通权限 permission* privilege* scope* role roles access_right* access_policy acl entitlement* insufficient_permission* may_not_call 权限 特权 作用域 白名单 越权 访问控制 许可 api_access access_to_the_api no_rights 后台授权 管理员授权 接口权限`,
  CERT: 'certificate* cert certs x509 ca pem issuer self-signed self_signed root_ca trust_store truststore keystore pkcs* private_key_file host_key 证书 根证书',
  IPLIST: 'ip_address ip whitelist allowlist white_list allow_list IP 白名单 来源',

  KEY: 'key keys',

  // — people and money —
  ACCOUNT: `contact contacts recipient team teams company holder serviceaccount accounts account* user users member members workspace organization organisation tenant merchant* buyer seller payer profile customer* channel owner subscriber shop store
    账号 账户 用户 帐号 帐户 商户 买家 卖家 店铺 会员账号 主播 UP主 作者 收款方 付款方 客户 商家 店家 卖方 买方 host_account subscriber_account`,
  SUSPENDED: `account_cancel* gave_up account_deletion account_was_cancel* switched_off turned_off shut_down_account suspends shut_out put_on_hold cut_off disabled_by suspended suspension banned ban frozen deactivated blocked locked terminated restricted closed disabled blacklist* on_hold barred
    冻结 封禁 停用 禁用 注销 封号 被封 限制 锁定 已关闭 黑名单 风控 小黑屋 停封 被禁 shut_off locked_out barred_from under_review black_listed out_of_business 受限 被限 限制收款 限制登录 停业 关店 歇业 暂停营业 打烊 拉黑 封停 解约 清退 asked_us_to_close close_the_account closed_their shut_the_account 已销户 销户 已停用 已禁用 异常账户`,
  MONEY: `balance credit credits fund funds card payment* pay paid charge* refund* price amount invoice* money wallet payout transfer deposit amount_due payment_due past_due overdue cvc coupon* discount voucher
    余额 支付 退款 付款 金额 交易 额度 转账 优惠券 钱包 红包 账单 扣款 银行卡 提现 款项 钱 收款 promo promo_code promotion gift_card 优惠码 兑换码`,
  FUNDS: `余额不足 账户欠费 balance credit credits fund funds wallet money 余额 额度 点数 积分 钱 点券 账户余额 存款 账上 credits_balance prepaid`,
  DECLINED: `declined decline do_not_honor stolen lost_card not_honored fraudulent 拒付 扣款失败 拒绝交易 银行拒绝 turned_down bank_said_no bank_refused not_approved 交易被拒 支付被拒`,
  PLAN: `trial_period unlock for_sale requires_payment pay_to paid_content 未购买 付费内容 试看 充值 plan plans subscription* subscribe* subscribers tier trial premium paid_members members_only membership vip buy bought purchase* rental rent upgrade* billing pro_account pay-per-view paywall paying license_level entitlement member-only
    套餐 会员 大会员 付费 订阅 购买 开通 升级 VIP 版本不支持 充电专属 试用 已购 专享 续费 bigger_package larger_package bigger_plan higher_plan higher_tier larger_plan paid_plan free_plan free_account free_users paid_users pro_feature enterprise_feature current_plan basic_plan starter_plan free_trial free_version paid_version free_searches gold silver platinum 购买套餐 升级套餐 试用期 体验版 专业版 企业版 高级版 付费版`,
  QUOTA: `daily_quota allotted 请求配额 免费次数 查询额度 单量不足 quota* allowance allotment monthly_limit daily_limit usage_limit limit_for_this_month credits monthly_cap spending_limit hard_limit plan_limit 配额 额度 次数包 用量 单量 可用次数 查询次数 剩余次数 this_month per_month monthly free_searches free_calls for_today calls_left searches_left credits_left 可用单量 剩余单量 试用次数 免费额度`,
  STOCK:
    'stock inventory quantity warehouse sku out_of_stock sold_out allocate units 库存 缺货 售罄 数量不足 无货 仓库 名额',

  // — things that are looked up —
  CONTENT: `chapter* recording* book novel comic audio lyrics stream* viewer* viewing aired watching watched listeners listen* documentary documentaries clip clips series season channels tutorial lecture webinar concert match_replay replay video* videos track clip episode* movie* film show shows song* album playlist content title titles lesson course* program* programme livestream live_event stream broadcast post posts article photo media playback tweet story channel gallery podcast image recording event premiere creator uploader
 视频 稿件 节目 内容 番剧 直播 课程 文章 音频 影片 歌曲 专辑 作品 剧集 资源 页面 直播间 动态 音乐 素材 帖子 图集`,
  PARCEL: `包裹号 物流号 快递号 tracking_code tracking_numbers shipping_label package shipment* parcel* tracking tracking_number* tracking_id waybill* label consignment* postage piece package_id delivery deliveries inquiry_number awb airwaybill mailpiece item freight package_number package_not trackings
    运单 单号 快递单 物流单 包裹 轨迹 快递 物流信息 邮件号 运单号 面单 快件 物流轨迹 货物 deliver`,
  COURIER: `shipping_carrier courier_code carrier_code express_company 快递类型 物流编码 快递公司编码 courier* carrier* shipping_company logistics_provider delivery_company couriers shipper_code postal_operator forwarder shipping_provider logistics_company
    快递公司 物流公司 物流商 承运商 快递商 快递编码 运输商 公司编码 承运方 物流渠道 快递服务商 快递品牌`,
  ORDER:
    'purchase basket order orders booking reservation cart transaction trade bill invoice paymentintent payment_intent charge purchase_order order_line subscription_id ticket 订单 交易 预约 工单 商品单 售后单 支付单 退款单 购物车 订单号 流水',
  THING: `邮箱 openid 用户名 昵称 resource* user users record records entity object objects repository repo repositories bucket customer product products message document endpoint route url file_id item items number id name username email address page group room branch tag commit pod deployment namespace service image_tag manifest project issue ticket webhook device session_id phone recipient mailbox contact plugin_id task job api template coupon host_id tracking sku domain index_entry key result results data
    资源 用户 记录 商品 对象 数据 接口 仓库 文件 编号 信息 项目 标签 消息 群 手机号 号码 地址 收件人 优惠券 活动 任务 部门 成员 模板 机器人 页面 路径 商家 内容 结果 应用 课程`,
  EXIST: 'exist exists existing 存在',
  KNOWN:
    'recognises know find found known know recognise* recognize* recogni* identify identified detect* match matches record on_file locate* located registered handles handle supports resolve_to 找到 查到 识别 收录 查询到 匹配 查无',
  NOTFOUND: `啥都木有 空空如也 什么都没有 nothing_is_known no_trace_of is_unknown_to unknown_reference not_listed not_on_our did_not_return_any returned_no zero_results no_events no_scans no_updates never_heard not_tracked unknown_number unknown_tracking unknown_order unknown_id not_in_our_records is_not_known 无记录 无信息 暂无信息 没有轨迹 暂无轨迹 not_in_our_database not_in_the_database nobody_has nothing_under no_one_has cannot_be_located does_not_appear no_longer_available_under could_not_be_located couldnt_find unknown_shipment no_such_order nothing_under is_not_in_our not_in_our_system we_have_no have_no_record not_present_in_the no_account 无该 未录入 无法找到 无物流 没有物流 暂无物流 不是本系统 not_found not_be_found does_not_exist do_not_exist did_not_exist not_exist no_such nothing_known no_record* no_shipment* no_result* no_tracking unknown_user unknown_recipient could_not_find can_not_find can_not_be_found not_been_found unable_to_find unable_to_locate no_longer_exist* no_information no_data_found no_match* no_longer_on nonexist* non-existent notfound no_order no_piece no_trace is_unknown nowhere_to_be not_on_file was_not_found no_longer_there never_existed no_user no_customer user_unknown nothing_found no_item* not_registered not_in_our not_in_the_system no_video no_entry
 不存在 未找到 找不到 查无 没有找到 查询不到 无此 没有这个 查不到 未查询到 未查到 没有查到 暂无 没有该 未能找到 没找到 未发现 没有对应 无对应 没有相关 查询无结果 无轨迹 不在系统 无结果 尚无 没有任何 没有记录 no_sign_of nothing_matches matched_nothing came_up_empty came_back_empty returned_nothing gave_nothing turned_up_nothing yielded_nothing absent_from hold_no holds_no keep_no has_no_record hold_nothing no_one_by no_shipment_was_matched 啥都没有 查不着 找不着 不在库 没有收录 没有登记 未登记 没有匹配 匹配不到 搜索不到 搜不到 没有此 没有这 尚未录入 未建档 not_yet_in_system not_yet_in_our not_yet_in_the`,
  AVAILABLE:
    'available accessible viewable watchable playable visible reachable shown watch view viewed seen play 可用 观看 播放 查看 访问 可见',
  GONE: `took_it_away taken_away is_gone disappeared unlisted scrapped has_ended was_ended archived erased_by took_it_down has_been_taken withdrawn_by pulled_by wiped erased no_longer_exists no_longer_offered went_offline 已不存在 已被下架 已撤回 审核中 审核未通过 不可见 啥都木有 removed deleted taken_down took_down take_down taken_it_down took_this withdrawn withdrew gone offline unpublished no_longer not_available_anymore is_not_available private expired_link discontinued retired archived taken_offline pulled moved_permanently dead_link down_because not_available removes
 下架 已删除 被删除 已失效 不可见 删除 已下线 隐藏 私密 下线 已结束 被移除 撤下 移除 失踪 仅自己可见 不再提供 已被作者 purged let_go sunset removed_by deleted_by made_private set_to_private cleaned_up left_the_catalog 已移除 作者删除 已清理 被清除 停播 停更 已归档`,
  PRIVATE:
    'private members_only friends_only followers confidential invite-only invite_only protected hidden 私密 仅好友 仅粉丝 非公开 仅限',
  REGION: `germany canada china japan france india brazil russia mexico korea taiwan america usa italy spain australia britain england europe eu_only hong_kong macau united_states united_kingdom mainland from_abroad overseas 香港 澳门 台湾 美国 日本 配送范围 服务范围 范围内 delivery_area service_area geo_restrict* geo geoblock* geographic country countries region* regional geo* where_you_live your_area territory territories location your_place viewers_in jurisdiction only_viewers worldwide outside_of abroad local_law
    地区 区域 国家 境外 海外 大陆 港澳台 所在地 境内 国内 where_you_are your_market in_your_market greenland iceland`,
  COPYRIGHT:
    'copyright* drm licens* rights_holder rightsholder dmca policy terms_of_service community_guidelines trademark legal infring* has_not_granted spam scams 版权 侵权 违规 违反 授权到期 版权方 审核 敏感 违法 不良信息',
  AGE: 'born under_18 18_or_older over_18 minors age_restrict* age-restricted inappropriate_for confirm_your_age adult mature 未成年 年龄',
  SUPPORT:
    'support supports supported supporting offered offer serviced serve handle handles cover covers 支持 接入 开通 提供 对接 覆盖',
  UNSUPPORTED: `unsupported not_support* no_support not_supported not_yet_support* not_possible_yet dropped_support no_longer_support* not_offered not_available_for not_serviced not_handle* no_carrier no_courier not_implemented_for not_possible
    不支持 暂不支持 未接入 未开通 不在支持 未收录 暂未开通 不提供 未支持 没有接入 不受支持 尚未支持 暂未接入 未对接 暂未收录 暂未支持 不再支持 not_deliver* not_ship* no_delivery_to not_integrated none_of_our 不配送 不派送 不送达 无法配送 无法派送 不在配送 超区 不在派送 不在服务 查询范围 not_something_we not_cater not_accept_parcels not_carry not_run_to 不承运 不揽收 不寄送 不受理 不接收`,
  STATE: `reversed cancelling expired_order paid unpaid open closed_order refunded status state cancelled canceled closed shipped completed settled captured confirmed fulfilled finalized finished archived voided succeeded processing pending delivered dispatched draft
    状态 关闭 撤销 取消 完结 完成 已发货 已签收 终态 结束 已揽收`,
  CANBE:
    'can_not can_no_longer can_only may_not must_not not_possible not_allowed could_not not_be is_not_possible 不能 不允许 无法 不可 不得 不支持 禁止',
  ACTION:
    'cancel cancelled refund* confirm* capture* edit* change* update* modify modif* reship return* void delete pay reverse* complete* renew join vote order comment upload transfer* 取消 退款 修改 支付 撤销 确认 关闭 发货 删除 下单 操作 退货 评论 投稿',
  WINDOWOVER: `will_start start_in starts_in begins_in begins_at premieres_in 即将开始 未开播 deadline_for window_has within_days period_has_passed period_is_over too_late return_window not_started has_not_started starts_in not_begun will_begin outside_business_hours closed_for 超过退款期限 已截止 尚未开始 未开始 超过期限 未到时间 不在营业时间 已过期限 时间已过 window_is_over period_ended too_early not_be_watched_yet not_yet_open opens_at opens_on coming_soon leaves_beta booking_closed registration_closed 未上映 敬请期待 未开放 报名已截止 活动已结束 活动未开始 退货期限 退款期限 售后期 期限已过 超出期限 超过时限 时效已过 已结束报名 报名结束 不在活动时间 活动未 已打烊`,

  // — the line —
  CONN: `stream_closed stream_reset connect* connection* disconnected connecting socket sockets tcp peer remote_host remote_end tunnel handshake tls ssl websocket broker brokers upstream_connect channel_closed session_with transport http2 rpc dial client_connection
 连接 套接字 端口 握手 链接 通道 连线 链路`,
  NET: 'network networks host hosts internet route proxy gateway server address addresses url request wifi interface port 网络 主机 路由 服务器 网关 代理 互联网 远程 对方 对端',
  REFUSED: 'refused actively_refused 拒绝连接 连接被拒 积极拒绝 拒绝了连接 拒绝 连接拒绝',
  BROKEN: `网络异常 网络错误 网络故障 network_error network_failure connection_error connection_failure connection_problem network_problem run_out_of_available no_available_brokers no_brokers no_nodes_available no_living_connections all_hosts_failed no_reachable no_servers_available gave_no_reply stopped_answering no_reply never_came without_a_reply went_silent died could_not_reach can_not_reach unable_to_reach failed_to_reach not_reach* ended refused_to_answer never_answered hung before_answering 关闭 对端关闭 can_not_contact unable_to_contact can_not_be_reached could_not_be_reached stopped_responding fell_silent vanished dropped_out bailed reset closed lost dropped aborted unreachable broken hang_up hung_up disconnect* interrupted terminated shut_down eof forcibly_closed closed_unexpectedly severed cut no_route gone_away torn_down prematurely went_away unexpectedly_closed can_not_be_reached could_not_connect unable_to_connect can_not_connect down fell_off failed_to_connect failed_to_establish not_reachable without_response without_answering no_response timed_out
 重置 断开 中断 不可达 中止 强迫关闭 已关闭 丢失 无法连接 连接不上 不通 不可用 掉线 断线 无法访问 被关闭 终止 连不上 没有响应 无响应 未响应 lost_its lost_contact broke_off walked_away network_is_down gave_up 断了 挂断 断掉 中途断 连接丢失 无法到达 失联 失去联系`,
  FAILED: 'fail* error unable could_not can_not not 失败 错误 无法 异常 出错 不能 未能',
  TIMEOUT: `took_longer_than longer_than waited too_slow in_time within_seconds no_answer_within too_long_to_answer timeout* timed_out time_out timing_out time-out deadline_exceeded too_long_to_respond took_too_long no_response_within not_respond not_answer* no_answer did_not_answer did_not_respond no_reply exceeded_timeout ms_exceeded 超时 没有及时 未响应 响应时间过长 没有正确答复 没有反应 未在规定时间 规定时间内 等待时间过长 no_bytes nothing_arrived nothing_came silence went_quiet kept_silent stalled no_data_arrived 没有等到 等不到 没有回应 无回应 迟迟 没有应答 无应答 未应答 未回应 没有答复 无答复 未答复`,
  DNS: `servfail dns name_resolution name_not_resolved getaddrinfo resolve_host resolve resolved unknown_host nodename hostname lookup nxdomain domain_name name_or_service_not_known no_address_associated name_server resolver no_such_host unresolved_host 域名 解析主机 DNS 名称解析 主机名 未知的名称或服务 域名解析 无法解析 name_lookup not_resolve no_such_domain`,
  READ: 'read receive receiving recv body response data headers bytes chunk reply download 读取 接收 响应 下载 数据 应答',
  DOWNLOADNET:
    'ended_before closed_before before_all stopped_before bytes_missing bytes_came before_the_end before_the_whole download_interrupted transfer_closed bytes_remaining premature* incomplete_read partial_file not_all_data incomplete_response 传输中断 下载中断',
  // — the other side is busy —
  RATE: `each_second each_minute a_second a_minute per_sec per_min each_hour an_hour too_rapid* back_off calm_down ease_off too_many_per 请求量过大 降低频率 请求频繁 访问过快 频率过高 过于频密 rate_exceed* requests_too quota_per limit_per too_many_messages too_many_attempts too_many_calls calls_too_fast sent_too 拦截 访问频次 过频 频率限制 风控校验 rate_limit* ratelimit* rate_exceeded throttl* too_many_requests too_frequent* too_quickly too_fast slow_down request_limit* requests_per qps frequency flood_wait flood floodwait rate_limiting per_minute per_second per_hour calls_per too_often reduce_your_request request_rate request_frequency spam_detected api_limit rate-limited overquota_rps
    频率 频繁 限流 限频 请求过多 太频繁 过快 操作太快 QPS 访问过于 流控 次数过多 请求太快 每分钟 每秒 频次 太快 并发数 触发限制 flow_control flow_limit* current_limiting limiting_the_flow pace slow_your hammering cool_down calls_a_second requests_a_second 歇一歇 慢一点 冷却 限速 分钟级 秒级 频控 休息一下 太频 刷得太快 请慢 降低请求 too_hasty ease_up take_it_slow`,
  CALLS:
    'updates imports request requests calls call api messages invocations queries query sends attempts 请求 调用 接口 查询 访问 发送 操作 次数',
  BUSY: `traffic more_traffic at_capacity than_we_can_handle circuit_breaker circuit_open rejected_execution busy overload* high_load heavy_load high_demand capacity saturated congest* out_of_capacity too_busy backlog queue_full queue_is_full under_load heavy_traffic no_capacity no_healthy_upstream no_server_is_available circuit_breaker_is_open workers_are_busy
    繁忙 负载 过载 拥堵 排队 系统忙 忙 火爆 拥挤 高峰 压力过大 熔断 降级 满载 swamped flooded overwhelmed under_pressure under_strain too_much_load too_many_jobs peak_hours crowded jammed clogged no_slot no_slots no_free_worker no_free_slot free_worker no_worker all_workers all_agents lags lagging too_far_behind queue_is_at at_its_limit backpressure 爆满 人数较多 人数过多 人太多 超负荷 吃紧 打满 堵塞 太忙 than_we_can than_it_can_handle more_orders too_many_people too_many_users too_many_visitors than_we_can_take 人多 访问人数 排队人数 忙不过来 应接不暇`,
  MAINT: `taking_a_break for_upgrades being_updated under_construction service_window being_serviced upgrade_in_progress 更新中 例行 停机 maintenance under_repair upgrading scheduled_downtime down_for being_upgraded planned_outage back_soon 维护 升级中 系统升级 停服 检修 割接 moving_our being_moved being_migrated migrating will_be_back planned_work planned_works upkeep patching back_at back_online 迁移中 系统迁移 升级维护 暂停对外 暂停开放 服务升级 平台升级 后可用 后恢复 预计恢复 恢复服务 暂停服务 closed_for_maintenance being_repaired`,
  SERVER:
    'server servers service services system systems database cluster node nodes backend upstream api site website platform engine engines leader replica primary master shard instance host application model models gateway endpoint provider etcd etcdserver broker partner channel worker 服务 服务器 系统 数据库 集群 节点 后端 上游 平台 网关 服务端 接口 渠道 通道 第三方',
  UNAVAILABLE:
    'unavailable not_available not_ready down out_of_service service_unavailable temporarily_unavailable temporarily_down not_responding bad_gateway gateway_timeout gateway_time-out outage unhealthy not_accepting 不可用 暂停服务 暂停响应 未就绪 不可服务 暂不可用 服务异常 无法提供服务',
  STARTING:
    'not_yet_ready still_starting starting_now being_restarted starting_up shutting_down restarting recovering in_recovery_mode is_starting initializing initialising warming_up still_loading loading_the_dataset loading reconnecting failover electing election no_leader lost_leader applied_index raft quorum consensus leader_changed not_the_leader no_primary not_primary rebalanc* syncing being_loaded is_loading terminating_connection administrator_command crash_recovery 正在关闭 正在启动 正在恢复 启动中 重启 正在重启 加载中 选举 初始化中 恢复模式 主从切换',
  LOCK: 'deadlock* lock locks locked lock_timeout lock_wait could_not_obtain_lock serializ* concurrent_update concurrent_modification another_transaction write_conflict transaction_conflict dirty_read could_not_lock unable_to_lock optimistic_lock held_by another_process conflicting_operation in_progress statement_timeout 死锁 锁 锁等待 被锁 并发更新 正在处理 处理中 事务冲突 锁超时',
  STATEMENT:
    'statement transaction query lock_request tuple row table resource database file process cannot_serialize 语句 事务 查询 表 行 数据库 资源',
  TOOMANYCONN:
    '太多的客户 客户端太多 连接太多 连接过多 simultaneous_connections concurrent_connections parallel_connections simultaneous_requests concurrent_requests concurrency_limit parallel_requests 并发请求 并发连接 并发数 queue_pool too_many_connections too_many_clients connection_limit max_connections remaining_connection_slots connection_pool pool_exhausted pool_timeout queuepool maximum_number_of_connected max_number_of_clients too_many_concurrent max_user_connections connections_reached pool_is_exhausted pool_size no_available_connection connection_is_not_available 连接数过多 连接池 最大连接数 连接数 客户端过多 连接已满',

  // — this machine —
  DISK: `etcd_space storage disk space device storage_space partition volume filesystem file_system disk_quota inodes tmpfs quota_exceeded_on 磁盘 空间 硬盘 设备上 存储空间 分区 磁盘配额 inode drive hard_drive mount 盘`,
  NOSPACE: `no_space_left no_space not_enough_space insufficient_disk out_of_disk disk_full disk_is_full disk_quota_exceeded device_full insufficient_space out_of_space low_disk read-only_file read_only_file not_enough_disk no_free_space disk_i/o_error input/output_error i/o_error readonly_database read-only_database readonly 空间不足 没有空间 空间已满 磁盘已满 剩余空间 没有空间 只读文件系统 设备上没有 写满 磁盘不足 超出磁盘限额 输入/输出错误 只读 no_room no_room_left out_of_room room_left filled_up volume_is_full drive_is_full partition_is_full mounted_read-only mounted_as_read-only read-only_mount remounted_read-only 空间已用完 空间用尽 磁盘满 盘满 存储已满 空间耗尽 挂载为只读 只读挂载`,
  MEMORY:
    'memory heap ram heap_size malloc mmap swap virtual_memory java_heap metaspace gc_overhead shared_memory buffer_pool stack_size bytes_exhausted 内存 堆 显存 堆空间',
  OOM: `out_of_memory oom oom-killed oomkilled oom_killer can_not_allocate unable_to_allocate could_not_allocate failed_to_allocate allocation_failed heap_space outofmemory memory_exhausted not_enough_memory insufficient_memory memory_limit memory_error out_of_swap allowed_memory_size cuda_out_of_memory memory_cgroup no_memory bad_alloc std_bad_alloc 内存不足 无法分配内存 内存溢出 不能分配内存 内存耗尽 显存不足 分配内存 more_memory_than used_too_much_memory ran_out_of_memory memory_ran_out killed_by_the_kernel oom_kill* 内存超限 内存用尽 内存已满 超出内存`,
  OPENFILES: `too_many_files 打开的文件太多 too_many_open_files open_files file_descriptors file_table_overflow file_handles emfile inotify_watch* watchers number_of_inotify user_limit_on 打开的文件过多 打开文件过多 文件描述符 文件句柄 打开的文件数 打开文件数 文件打开数 句柄数 句柄耗尽 句柄不足`,
  LOCALDENIED: `not_writable is_read_only is_readonly can_not_be_written unwritable not_readable 不可写 无写权限 permission_denied access_is_denied operation_not_permitted access_denied_by_os 权限不够 拒绝访问 不允许的操作 权限被拒绝 没有写入权限 没有读取权限 may_not_write may_not_read not_allowed_to_write not_allowed_to_read no_right_to_write lacks_write lacks_read not_writeable 没有写权限 没写权限 没有读权限 无读权限 不允许写 write-protected write_protected 写保护 不让写 拒绝写入`,
  FILE: `file files directory directories folder path mkdir open unlink rename chmod write writing open_file create_file cannot_open can_not_open can_not_create copy scandir stat chown socket_file docker_sock
    文件 目录 路径 文件夹 创建 打开 写入`,
  PROCESS:
    'shell renderer tab headless fork thread threads process processes subprocess child child_process clone spawn pthread_create exec worker_process job pool container executor pod init 进程 线程 派生 子进程 容器',
  KILLED:
    '杀死 被系统 killed_by was_killed killed crashed segfault segmentation_fault core_dumped aborted died signal sigkill sigsegv signal_9 exit_code_137 bus_error terminated_abruptly terminated_unexpectedly oom terminated unexpectedly_exited exited_prematurely tab_crashed page_crashed target_crashed 被杀 已杀死 段错误 崩溃 核心已转储 吐核 已终止 异常退出 被终止',
  RESOURCE: `limit_of_processes process_limit max_processes number_of_processes can_not_start_thread can_not_create_thread unable_to_create_thread 进程数 resource_temporarily_unavailable resource_unavailable insufficient_system_resources can_not_fork unable_to_create_new_native not_enough_resources can_not_start_new_thread cannot_create_thread 资源暂时不可用 系统资源不足 无法创建线程 资源不足 fork_was_refused fork_failed process_table_full pids_limit pid_limit 线程数已达 进程数已达 线程耗尽`,

  // — data —
  FORMATWORD: `md5 sha1 hash json xml yaml csv html format formatting syntax utf-8 utf utf8 unicode encoding charset base64 date datetime timestamp protobuf document payload body markup csv_file regex pdf image png jpeg jpg zip gzip archive tar mp4 header manifest xlsx workbook excel codec bitstream
 格式 编码 JSON XML 日期 语法 报文 图片 压缩包 文件格式 时间 字符 正文 表格 图像 请求体 padding decryption barcode attachment label_file 附件 条码`,
  PARSE: `parse parsed parsing parser decode decoded decoding decoder deserializ* unmarshal* extract* unpack tokeniz* interpret deserialise* read_as convert* cast unserialize decompress* inflate unzip decipher transcode encode initial_state demux
    解析 解码 反序列化 转换 解压 提取`,
  FIELD: `postal_code zip_code postcode phone_number email_address 邮编 field fields parameter* param params argument* attribute property properties column columns value values input header_value entry variable element query_string option_value
 字段 参数 取值 值 列 属性 入参 选项 变量 元素 输入 weight height width declared_value dimension* 重量 体积`,
  MUSTBE: `确保该字段 只能由 只允许 仅支持数字 组成 is_expected are_expected has_to_be have_to_be ought_to_be may_only may_contain_only only_digits 必须 不得小于 不能小于 不能大于 至少 最多 in_the_form follow must_follow at_least at_most no_longer_than must_be should_be must_match must_contain must_have should_match expected is_not_a is_not_an not_of_type not_a_number not_an_integer must_not be_a be_an has_to_be must should_have ought_to 应当 应为 应该 必须是 必须为 需为 需要是 只能是 只能为 应是 须为 请输入正确 请输入一个有效 输入一个有效 不是有效 不是合法 不是一个 but_saw but_got but_found must_hold has_to_hold should_hold needs_to_be need_to_be where_a_number where_a_date`,
  TYPEWORD: `negative decimals number integer string boolean array object date enum positive float decimal digits numeric characters numbers list timestamp iso-8601 length uuid int double long bool 数字 整数 字符串 数组 布尔 类型 枚举 位数 长度 integer number string 数值 字符 str nonetype zero 正数 大于0`,
  MALFORMED: `invalid_url malformed_url not_a_valid_url not_well_formed is_not_valid_json unexpected_non_whitespace expected_value invalid_escape can_not_be_decoded malformed garbled syntax_error unexpected_token unexpected_character unexpected_end unterminated not_well-formed not_well_formed unparseable unparsable undecodable invalid_json invalid_xml invalid_format expecting_value expecting_property extra_data mapping_values illegal_character invalid_byte invalid_start_byte invalid_literal invalid_syntax unclosed unbalanced bad_format wrong_format mismatched_tag no_element_found control_character trailing_data trailing_comma unexpected_symbol unescaped invalid_character badly_formed not_json not_valid_json bad_json
 格式错误 格式不正确 格式有误 格式不对 语法错误 解析失败 解析错误 格式不符 无法解析 乱码 不是有效的 格式异常 格式非法 解析异常 不符合规则 不符合要求 unrecognized_token illegal_token expected_str expected_string expected_bytes expected_integer contains_nul null_byte null_bytes nul_byte embedded_null has_letters contains_letters letters_in_it contains_spaces has_spaces non-numeric non_numeric not_numeric not_a_date not_a_url not_an_email`,
  TRUNCATED: `unexpected_end_of_file ended_too_early cut_off cut_short truncated corrupt* damaged unexpected_end_of unexpected_eof unexpected_end incomplete_character end-of-central-directory premature_end crc broken_data_stream bad_magic magic_number checksum* md5_mismatch hash_mismatch sha256 digest integrity_check moov_atom not_in_gzip incorrect_header bad_zip not_a_zip not_a_gzip can_not_identify_image invalid_data_found invalid_nal eof_marker no_eof_marker damage malformed_database not_a_database corrupted data_loss broken_image zero-byte bad_crc incorrect_data_check incomplete_file header_not_found cross-reference xref invalid_image
    截断 损坏 校验和 校验码 不完整 已损坏 破损 文件头 无法识别的图片 坏文件 zero_width zero_height zero-length zero_length 0_bytes not_survive empty_page`,
  VALIDATION:
    'validation_fail* validation_error* failed_validation invalid_input invalid_value unprocessable_entity failed_to_validate schema_validation does_not_satisfy fails_validation did_not_pass_validation did_not_validate assertion_failed_on validation invalid_argument* invalid_parameter* bad_request validator 校验不通过 参数校验 校验失败 参数错误 验证失败 参数异常 参数有误 表单验证 参数非法 非法参数 参数不合法 参数不正确 参数无效 请求参数',
  CONSTRAINT: `constraint* unique foreign_key duplicate_entry duplicate_key not-null not_null primary_key unique_index check_constraint violates referential_integrity e11000 data_too_long out_of_range value_too_long numeric_overflow integrity_error
 约束 唯一 外键 主键 重复键 违反非空 违反唯一 超出范围 数据过长 integrity_violation key_violation unique_violation violation_of_primary violation_of_unique violation_of_foreign violation_of_not`,

  CRASH:
    'crashed crashes segfault segmentation_fault core_dumped bus_error illegal_instruction stack_overflow maximum_call_stack stack_level_too_deep 段错误 核心已转储 吐核 已杀死',
  FILEFAILED: `unable_to_open_database can_not_open_file could_not_open_file failed_to_open_file could_not_create_directory can_not_create_directory can_not_write could_not_write failed_to_write write_error
    write_failed no_such_file_or_directory no_such_file can_not_find_the_file can_not_find_the_path can_not_find_path could_not_find_file could_not_find_a_part_of_the_path file_does_not_exist is_a_directory not_a_directory
    无法打开文件 无法写入 写入失败 无法创建目录 打不开文件 没有那个文件或目录 没有那个文件 系统找不到指定的文件 系统找不到指定的路径`,
  SERIALIZE: `deadlock* could_not_serialize serialization_failure lock_wait_timeout database_is_locked table_is_locked lock_timeout write_conflict try_restarting_transaction statement_timeout 死锁 锁等待 锁超时 advisory_lock distributed_lock row_lock table_lock acquire_lock acquire_the_lock acquire_a_lock changed_by_another 分布式锁 行锁 表锁 获取锁 加锁失败`,
  WHITELIST: `whitelist* allowlist* white_list allow_list safelist 白名单 名单内 名单中 可信名单 可信IP trusted_ip`,
  NOTENABLED:
    'not_registered_for not_subscribed_to not_enrolled not_signed_up_for not_been_enabled not_enabled is_disabled not_activated not_been_activated not_switched_on not_turned_on 未启用 未激活 未开启',
  TEMPUNAVAILABLE: `temporarily_unavailable temporarily_down temporarily_out temporary_outage temporarily_closed 暂时不可用 暂不可用 暂时无法 no_healthy_upstream no_live_upstreams 暂停使用 暂时关闭`,
  TOOLONG:
    'too_long too_large too_short too_big maximum_length max_length minimum_length wrong_length 过长 过短 太长 长度超过 长度不',
  INSTALL: 'install* reinstall uninstalled 安装',
  JSONISH: 'json xml html blob initial_state csv playlist_data player_config* metadata page_source',
  BEFORE: 'before earlier previously',
  DBDOWN:
    'database_connection_failed database_connection_failure database_connection_error database_unavailable 数据库连接失败 数据库连接异常 数据库不可用',
  ONLYFOR:
    'only open_to reserved_for exclusive exclusively for_members unlock restricted_to limited_to must_buy must_pay after_buying 才能 仅限 专享 后可 方可 专属 仅对 解锁 独家',

  // — parts and settings —
  MODULE: `encoder* decoder_plugin font_file codec_library php_extension module modules shared_libraries shared_library shared_object library libraries dependency dependencies executable executablepath binary browser chromium chrome firefox chromedriver geckodriver driver plugin interpreter command ffmpeg java_home dll classpath importerror package npm_package extension peer_dependencies lib.so gem jar runtime image_pull font fonts
    模块 依赖 浏览器 驱动 命令 可执行文件 组件 动态库 共享库 程序 插件 软件包 字体`,
  NOMODULE: `no_module_named can_not_find_module can_not_find_package module_not_found command_not_found error_while_loading_shared can_not_open_shared not_installed is_not_installed is_not_recognized_as could_not_find_chrome browser_was_not_found no_suitable_driver cannot_import_name can_not_import_name classnotfound could_not_find_or_load no_such_module not_find_a_version no_matching_distribution no_matching_version class_not_found please_install driver_not_found executable_doesn't_exist executable_does_not_exist unable_to_resolve_dependency uninstalled must_be_installed failed_to_launch could_not_be_loaded unable_to_load
    未找到命令 找不到命令 没有安装 未安装 找不到模块 缺少依赖 没有名为 no_such_command not_on_the_path not_in_path missing_binary could_not_be_imported failed_to_import`,
  ENV: 'environment_variable* env_var environment env setting settings dotenv dsn 环境变量',
  CONFIG: `misconfigured app_settings config configs configuration* configured setting settings configure misconfigur* yaml_config property_file .env option options directive connection_string region_name endpoint_url webhook_url callback_url redirect_uri callback notify_url .conf .ini unconfigured certificate_path setup
    配置 设置 配置项 回调地址 配置文件 选项 参数配置 域名配置 not_set_up not_been_set_up unknown_option unknown_setting unsupported_option`,
  DBOBJECT: `view_named table column relation schema database collection index topic queue vhost stored_procedure function sequence role keyspace catalog tablespace bean consumer_group virtual_host stream_name
 数据表 列名 数据库 关系 主题 队列 函数 角色 索引`,
  UNKNOWNOBJ:
    'no_such_table no_such_column unknown_column unknown_database undefined_table undefined_column no_such_function does_not_exist doesnt_exist not_exist unknown_table undefined_function no_exchange no_queue index_not_found no_such_index unknown_topic invalid_object_name invalid_column_name table_or_view_does_not_exist invalid_identifier no_such_collection no_such_database no_such_bean no_vhost unknown_topic_or_partition 不存在 没有这样的表 未知列 无效的列名 对象名',
  TRUST:
    'verify_failed certificate_verify_failed self-signed self_signed unable_to_verify unable_to_get_local_issuer unable_to_get_issuer not_trusted untrusted unknown_authority unknown_ca certification_path hostname_mismatch altnames not_yet_valid is_not_valid_for host_key_verification signed_by_unknown no_peer_certificate certificate_required alert_bad_certificate key_values_mismatch no_start_line bad_decrypt 证书验证失败 自签名 不受信任 证书过期 证书已过期 主机密钥验证失败',
  SQLSYNTAX:
    'error_in_your_sql_syntax sql_syntax syntax_error_at_or_near sql_command_not_properly invalid_sql syntax_error_in_sql near_syntax_error SQL语法',
} as const satisfies Record<string, string>;

export type Concept = keyof typeof CONCEPTS;
